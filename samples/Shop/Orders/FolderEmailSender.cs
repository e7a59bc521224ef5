using Krewe.Shop.Outputs;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Krewe.Shop.Orders;

/// <summary>Writes mails as <c>.eml</c> files that a mail program opens; for machines without a mail server.</summary>
/// <param name="options">The folder.</param>
public sealed class FolderEmailSender(IOptions<ShopOptions> options) : IEmailSender
{
    /// <inheritdoc/>
    /// <remarks>The file is named by the Message-Id, so a repeated mail replaces the first.</remarks>
    public async Task<string> SendAsync(MimeMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var id = message.MessageId ?? throw new ArgumentException("The mail must have a Message-Id, got none; OrderMail sets it.", nameof(message));
        var name = id[..id.IndexOf('@', StringComparison.Ordinal)];
        var path = Path.Combine(options.Value.MailDirectory, $"{name}.eml");
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        await AtomicFile.WriteAsync(path, (stream, token) => message.WriteToAsync(format, stream, token), cancellationToken);
        return path;
    }
}
