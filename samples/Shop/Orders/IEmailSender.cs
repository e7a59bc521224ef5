using MimeKit;

namespace Krewe.Shop.Orders;

/// <summary>Hands a mail over.</summary>
public interface IEmailSender
{
    /// <summary>Hands the mail to a server or a folder.</summary>
    /// <param name="message">The mail, with a Message-Id.</param>
    /// <param name="cancellationToken">Gives up; the mail may have been accepted.</param>
    /// <returns>Where it went.</returns>
    /// <exception cref="EmailRefusedException">It will never be accepted. Any other exception is worth another try.</exception>
    Task<string> SendAsync(MimeMessage message, CancellationToken cancellationToken);
}
