using Microsoft.Extensions.Options;
using MimeKit;

namespace Krewe.Shop.Orders;

/// <summary>Sends the confirmation of an order.</summary>
/// <remarks>A server that is away or says 4xx fails the attempt, and the job's retries apply; a mail that will never be accepted fails the job.</remarks>
/// <param name="email">Hands the mail over.</param>
/// <param name="orders">What was ordered.</param>
/// <param name="options">The sender's address.</param>
public sealed class SendOrderConfirmationHandler(IEmailSender email, OrderBook orders, IOptions<ShopOptions> options)
    : IJobHandler<SendOrderConfirmation, EmailReceipt>
{
    /// <inheritdoc/>
    public async Task<EmailReceipt> HandleAsync(SendOrderConfirmation job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(context);
        var order = orders.Find(job.OrderId) ?? throw context.Fail($"The order id must not be blank, got '{job.OrderId}'; enqueue the job with the id of an order.");
        var customer = Address(job.Email) ?? throw context.Fail($"The customer's address must be like name@example.org, got '{job.Email}'; correct it and enqueue the confirmation again.");

        var message = OrderMail.Make(order, MailboxAddress.Parse(options.Value.Smtp.From), customer, context.IdempotencyKey, context.EnqueuedAt);
        try
        {
            var target = await email.SendAsync(message, cancellationToken);
            var receipt = new EmailReceipt(message.MessageId!, target);
            Log.Confirmed(context.Logger, order.OrderId, receipt.MessageId, target);
            return receipt;
        }
        catch (EmailRefusedException refused)
        {
            throw context.Fail(refused.Message, refused);
        }
    }

    /// <summary>One plain mailbox, or null. MimeKit alone would also take a bare word.</summary>
    private static MailboxAddress? Address(string? text) =>
        MailboxAddress.TryParse(text, out var mailbox) && mailbox.LocalPart.Length > 0 && mailbox.Domain.Length > 0 && mailbox.Address == text!.Trim() && !mailbox.Address.Any(char.IsWhiteSpace)
            ? mailbox
            : null;
}
