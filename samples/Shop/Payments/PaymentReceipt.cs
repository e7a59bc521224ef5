namespace Krewe.Shop.Payments;

/// <summary>A payment that the gateway has taken.</summary>
/// <param name="ChargeId">The gateway's id of the charge; the same when the request is repeated.</param>
/// <param name="PaymentId">The payment.</param>
/// <param name="Amount">How much, in euro.</param>
public sealed record PaymentReceipt(string ChargeId, string PaymentId, decimal Amount);
