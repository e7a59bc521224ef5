using Krewe.Shop.Refunds;
using Krewe.Shop.Stock;

namespace Krewe.Shop.Payments;

/// <summary>Charges what was reserved, once, however often it runs: every attempt sends the same idempotency key.</summary>
/// <param name="gateway">The gateway.</param>
/// <param name="time">The clock that a Retry-After date is compared with.</param>
public sealed class TakePaymentHandler(PaymentGatewayClient gateway, TimeProvider time) : IJobHandler<TakePayment, PaymentReceipt>
{
    /// <inheritdoc/>
    public async Task<PaymentReceipt> HandleAsync(TakePayment job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(context);
        var reservation = context.Input<Reservation>() ?? throw context.Fail($"Order '{job.OrderId}' must be reserved before it is paid; put ReserveStock before TakePayment.");
        var call = new GatewayCall(gateway, context, time);
        var receipt = await call.RunAsync<PaymentReceipt>(() => gateway.ChargeAsync(job.PaymentId, reservation.Total, context.IdempotencyKey, cancellationToken), cancellationToken);
        Log.Paid(context.Logger, receipt.PaymentId, receipt.ChargeId);
        return receipt;
    }
}
