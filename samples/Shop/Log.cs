using Microsoft.Extensions.Logging;

namespace Krewe.Shop;

/// <summary>Everything that the shop logs, without addresses or amounts.</summary>
internal static partial class Log
{
    [LoggerMessage(2100, LogLevel.Debug, "Order {OrderId} is confirmed as {MessageId} to {Target}.")]
    public static partial void Confirmed(ILogger logger, string orderId, string messageId, string target);

    [LoggerMessage(2101, LogLevel.Debug, "Mail {MessageId} was accepted, but the server did not close politely.")]
    public static partial void DisconnectFailed(ILogger logger, Exception exception, string? messageId);

    [LoggerMessage(2102, LogLevel.Debug, "Payment {PaymentId} is refunded as {RefundId}.")]
    public static partial void Refunded(ILogger logger, string paymentId, string refundId);

    [LoggerMessage(2103, LogLevel.Debug, "Thumbnail of {Picture} is {Width} × {Height} px.")]
    public static partial void ThumbnailMade(ILogger logger, string picture, int width, int height);

    [LoggerMessage(2104, LogLevel.Debug, "Report {Report} covers {FilmCount} films.")]
    public static partial void Reported(ILogger logger, string report, int filmCount);

    [LoggerMessage(2105, LogLevel.Debug, "Payment {PaymentId} is taken as {ChargeId}.")]
    public static partial void Paid(ILogger logger, string paymentId, string chargeId);

    [LoggerMessage(2106, LogLevel.Debug, "Order {OrderId} is on its way by {Carrier}.")]
    public static partial void Shipped(ILogger logger, string orderId, string carrier);

    [LoggerMessage(2107, LogLevel.Debug, "The films of order {OrderId} are free again, as {JobName} did not succeed.")]
    public static partial void Released(ILogger logger, string orderId, string jobName);

    [LoggerMessage(2108, LogLevel.Warning, "Webhook {Webhook} was answered with {Status} and waits for the next round.")]
    public static partial void WebhookRefused(ILogger logger, string webhook, int status);

    [LoggerMessage(2109, LogLevel.Warning, "Webhook {Webhook} got no answer and waits for the next round: {Reason}")]
    public static partial void WebhookFailed(ILogger logger, string webhook, string reason);
}
