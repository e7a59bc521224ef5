using System.Globalization;
using System.Text;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Krewe.Shop.Orders;

/// <summary>Sends mails by SMTP, one connection a mail.</summary>
/// <param name="options">The server.</param>
/// <param name="logger">Where an impolite end is noted.</param>
public sealed class SmtpEmailSender(IOptions<ShopOptions> options, ILogger<SmtpEmailSender> logger) : IEmailSender
{
    private const int ImplicitTlsPort = 465;

    private readonly SmtpOptions _smtp = options.Value.Smtp;

    /// <inheritdoc/>
    public async Task<string> SendAsync(MimeMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        using var client = new SmtpClient { Timeout = _smtp.TimeoutSeconds * 1000 };
        await client.ConnectAsync(_smtp.Host ?? throw new InvalidOperationException("Shop:Smtp:Host must name a mail server, got none; without one, mails go to a folder."), _smtp.Port, Security(), cancellationToken);
        if (!string.IsNullOrEmpty(_smtp.UserName))
        {
            await client.AuthenticateAsync(_smtp.UserName, _smtp.Password ?? "", cancellationToken);
        }

        RefuseUnspeakable(client, message);
        await SubmitAsync(client, message, cancellationToken);
        await CloseAsync(client, message.MessageId, cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"smtp://{_smtp.Host}:{_smtp.Port}");
    }

    private SecureSocketOptions Security() => (_smtp.UseTls, _smtp.Port) switch
    {
        (false, _) => SecureSocketOptions.None,
        (true, ImplicitTlsPort) => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.StartTls,
    };

    /// <summary>MailKit would send a local part beyond ASCII as raw bytes to a server that never offered SMTPUTF8; where they end up is anyone's guess.</summary>
    private static void RefuseUnspeakable(SmtpClient client, MimeMessage message)
    {
        if (!client.Capabilities.HasFlag(SmtpCapabilities.UTF8) && message.To.Mailboxes.FirstOrDefault(mailbox => !Ascii.IsValid(mailbox.LocalPart)) is { } mailbox)
        {
            throw new EmailRefusedException($"The mail server must offer SMTPUTF8 for an address such as '{mailbox.Address}', which it does not; use an ASCII address or another server.");
        }
    }

    /// <summary>Only a 5xx about this very mail is for good. A refused sign-in or greeting says something about the server, which an operator can put right while the job waits.</summary>
    private static async Task SubmitAsync(SmtpClient client, MimeMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await client.SendAsync(message, cancellationToken);
        }
        catch (SmtpCommandException exception) when ((int)exception.StatusCode >= 500 && exception.ErrorCode != SmtpErrorCode.UnexpectedStatusCode)
        {
            throw new EmailRefusedException(string.Create(CultureInfo.InvariantCulture, $"The mail server refused the mail for good with {(int)exception.StatusCode}: {exception.Message}"), exception);
        }
    }

    /// <summary>The mail is accepted by now: a failing QUIT must not send it a second time.</summary>
    private async Task CloseAsync(SmtpClient client, string? messageId, CancellationToken cancellationToken)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
#pragma warning disable CA1031 // whatever it is, the mail has gone out
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.DisconnectFailed(logger, exception, messageId);
        }
    }
}
