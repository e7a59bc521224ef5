namespace Krewe.Shop.Refunds;

/// <summary>Gives the money for an order back, where any was taken; for the <c>OnError</c> of an order's flow.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="PaymentId">The payment, as the gateway calls it.</param>
[Job("payments.refund_order", Queue = "critical", MaxRetries = 8, MaxRetryDelaySeconds = 60, SoftTimeLimitSeconds = 30, TimeLimitSeconds = 60)]
public sealed record RefundOrder(string OrderId, string PaymentId) : IJob<RefundReceipt?>, IReceives<FlowError>;
