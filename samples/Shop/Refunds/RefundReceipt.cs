namespace Krewe.Shop.Refunds;

/// <summary>A refund that the gateway has booked.</summary>
/// <param name="RefundId">The gateway's id of the refund; the same when the request is repeated.</param>
/// <param name="PaymentId">The payment.</param>
/// <param name="Amount">How much, in euro.</param>
public sealed record RefundReceipt(string RefundId, string PaymentId, decimal Amount);
