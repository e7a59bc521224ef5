namespace Krewe.Shop.Gateway;

/// <summary>Money that has come in to the gateway.</summary>
/// <param name="ChargeId">The gateway's id of the charge.</param>
/// <param name="PaymentId">The payment that was taken.</param>
/// <param name="Amount">How much, in euro.</param>
public sealed record BookedCharge(string ChargeId, string PaymentId, decimal Amount)
{
    internal static BookedCharge Of(BookedRefund booked) => new(booked.RefundId, booked.PaymentId, booked.Amount);
}
