namespace Krewe.Shop.Orders;

/// <summary>Tells a customer by mail what was ordered.</summary>
/// <param name="OrderId">The order, as in the order book.</param>
/// <param name="Email">The customer's address.</param>
[Job("email.send_order_confirmation", Queue = "default", MaxRetries = 5, SoftTimeLimitSeconds = 30)]
public sealed record SendOrderConfirmation(string OrderId, string Email) : IJob<EmailReceipt>;
