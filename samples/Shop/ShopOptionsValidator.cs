using System.Globalization;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Krewe.Shop;

/// <summary>Says at start, all at once, what is wrong with the options.</summary>
internal sealed class ShopOptionsValidator : IValidateOptions<ShopOptions>
{
    public ValidateOptionsResult Validate(string? name, ShopOptions options)
    {
        var failures = Failures(options).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(ShopOptions options)
    {
        if (!File.Exists(options.FilmsFile) || !Directory.Exists(options.PictureDirectory))
        {
            yield return $"Shop:DataDirectory must be a folder with films.json and pictures/, got '{options.DataDirectory}'; it is 'shop-data' beside the program after a build, or samples/Shop/data.";
        }

        if (string.IsNullOrWhiteSpace(options.OutputDirectory) || File.Exists(options.OutputDirectory))
        {
            yield return $"Shop:OutputDirectory must be a folder, or a name for a new one, got '{options.OutputDirectory}'; leave it out for ./krewe-demo.";
        }

        if (options.GatewayUrl is { } url && !(url.IsAbsoluteUri && url.Scheme is "http" or "https"))
        {
            yield return $"Shop:GatewayUrl must be an absolute http or https address, got '{url}'; for example http://127.0.0.1:8080.";
        }

        foreach (var failure in SmtpFailures(options.Smtp))
        {
            yield return failure;
        }
    }

    private static IEnumerable<string> SmtpFailures(SmtpOptions smtp)
    {
        if (smtp.Port is < 1 or > 65535)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Shop:Smtp:Port must be 1..65535, got {smtp.Port}; use 587 for submission.");
        }

        if (smtp.TimeoutSeconds is < 1 or > 600)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Shop:Smtp:TimeoutSeconds must be 1..600, got {smtp.TimeoutSeconds}; use 20, below the job's soft limit.");
        }

        if (!MailboxAddress.TryParse(smtp.From, out var from) || string.IsNullOrEmpty(from.Domain))
        {
            yield return $"Shop:Smtp:From must be a mail address, got '{smtp.From}'; for example orders@shop.example.";
        }

        if (smtp.Password is not null && string.IsNullOrEmpty(smtp.UserName))
        {
            yield return "Shop:Smtp:UserName must be set together with Shop:Smtp:Password, got a password alone; set both or neither.";
        }
    }
}
