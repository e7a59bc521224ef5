using Krewe.Shop.Stock;

namespace Krewe.Shop.Payments;

/// <summary>Takes the money for an order whose films are reserved.</summary>
/// <param name="OrderId">The order, as in the order book.</param>
/// <param name="PaymentId">The payment, as the gateway calls it.</param>
[Job("payments.take", Queue = "critical", MaxRetries = 8, MaxRetryDelaySeconds = 60, SoftTimeLimitSeconds = 30, TimeLimitSeconds = 60)]
public sealed record TakePayment(string OrderId, string PaymentId) : IJob<PaymentReceipt>, IReceives<Reservation>;
