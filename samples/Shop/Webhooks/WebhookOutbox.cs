using System.Text.Json;
using Krewe.Shop.Outputs;
using Microsoft.Extensions.Options;

namespace Krewe.Shop.Webhooks;

/// <summary>A webhook that waits to be sent.</summary>
/// <param name="Name">Tells it from others; two of the same name are one.</param>
/// <param name="Url">Where it goes.</param>
/// <param name="Body">What it says.</param>
public sealed record Webhook(string Name, Uri Url, JsonElement Body);

/// <summary>What partners are to be told: one file each, in a folder for what is pending and one for what was sent.</summary>
/// <param name="options">Where it lies.</param>
public sealed class WebhookOutbox(IOptions<ShopOptions> options)
{
    private string PendingFolder => Path.Combine(options.Value.WebhookDirectory, "pending");

    private string SentFolder => Path.Combine(options.Value.WebhookDirectory, "sent");

    /// <summary>Leaves word for a partner, unless the same was left or sent before.</summary>
    /// <param name="name">Tells it from others; a file's name.</param>
    /// <param name="url">Where it goes.</param>
    /// <param name="body">What it says.</param>
    /// <param name="cancellationToken">Leaves nothing.</param>
    public async Task AddAsync(string name, Uri url, object body, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(SentFolder, $"{name}.json")))
        {
            var webhook = new Webhook(name, url, JsonSerializer.SerializeToElement(body));
            await AtomicFile.WriteAsync(Path.Combine(PendingFolder, $"{name}.json"), (stream, token) => JsonSerializer.SerializeAsync(stream, webhook, cancellationToken: token), cancellationToken);
        }
    }

    /// <summary>What waits, by name.</summary>
    public IReadOnlyList<Webhook> Pending() => Directory.Exists(PendingFolder)
        ? [.. Directory.EnumerateFiles(PendingFolder, "*.json").Order(StringComparer.Ordinal).Select(static file => JsonSerializer.Deserialize<Webhook>(File.ReadAllBytes(file))!)]
        : [];

    /// <summary>A partner took it.</summary>
    /// <param name="webhook">One that is pending.</param>
    public void MarkSent(Webhook webhook)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        Directory.CreateDirectory(SentFolder);
        File.Move(Path.Combine(PendingFolder, $"{webhook.Name}.json"), Path.Combine(SentFolder, $"{webhook.Name}.json"), overwrite: true);
    }
}
