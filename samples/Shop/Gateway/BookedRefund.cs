namespace Krewe.Shop.Gateway;

/// <summary>Money that has left the gateway.</summary>
/// <param name="RefundId">The gateway's id of the refund.</param>
/// <param name="PaymentId">The payment that was refunded.</param>
/// <param name="Amount">How much, in euro.</param>
/// <param name="IdempotencyKey">The key that the refund was asked for with.</param>
public sealed record BookedRefund(string RefundId, string PaymentId, decimal Amount, string IdempotencyKey);
