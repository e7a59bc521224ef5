using Krewe.Shop.Payments;

namespace Krewe.Shop.Refunds;

/// <summary>Refunds a payment at the gateway, once, however often it runs: every attempt sends the same idempotency key.</summary>
/// <param name="gateway">The gateway.</param>
/// <param name="time">The clock that a Retry-After date is compared with.</param>
public sealed class RefundPaymentHandler(PaymentGatewayClient gateway, TimeProvider time)
    : IJobHandler<RefundPayment, RefundReceipt>
{
    /// <inheritdoc/>
    public async Task<RefundReceipt> HandleAsync(RefundPayment job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(context);
        var call = new GatewayCall(gateway, context, time);
        var receipt = await call.RunAsync<RefundReceipt>(() => gateway.RefundAsync(job, context.IdempotencyKey, cancellationToken), cancellationToken);
        Log.Refunded(context.Logger, receipt.PaymentId, receipt.RefundId);
        return receipt;
    }
}
