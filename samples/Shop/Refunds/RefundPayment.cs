namespace Krewe.Shop.Refunds;

/// <summary>Gives a customer the money back.</summary>
/// <param name="PaymentId">The payment, as the gateway calls it.</param>
/// <param name="Amount">How much, above 0, in euro.</param>
[Job("payments.refund", Queue = "critical", MaxRetries = 8, MaxRetryDelaySeconds = 60, SoftTimeLimitSeconds = 30, TimeLimitSeconds = 60)]
public sealed record RefundPayment(string PaymentId, decimal Amount) : IJob<RefundReceipt>;
