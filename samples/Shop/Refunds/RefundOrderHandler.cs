using Krewe.Shop.Payments;

namespace Krewe.Shop.Refunds;

/// <summary>Asks the gateway what was taken, and has the refund job take its place where something was.</summary>
/// <param name="gateway">The gateway, which alone knows what it took.</param>
/// <param name="time">The clock that a Retry-After date is compared with.</param>
public sealed class RefundOrderHandler(PaymentGatewayClient gateway, TimeProvider time) : IJobHandler<RefundOrder, RefundReceipt?>
{
    /// <summary>Longer than a cancelled handler may go on: a payment that was under way has been taken by then, or will not be.</summary>
    internal static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task<RefundReceipt?> HandleAsync(RefundOrder job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(context);
        var call = new GatewayCall(gateway, context, time);
        var charges = await call.RunAsync<PaymentReceipt[]>(() => gateway.ListChargesAsync(job.PaymentId, cancellationToken), cancellationToken);
        if (charges is [var charge, ..])
        {
            throw context.ReplaceWith(new RefundPayment(charge.PaymentId, charge.Amount));
        }

        // A flow that somebody cancels calls its callbacks at once, while a step may still be on its way out.
        return context.Attempt == 1 && context.Input<FlowError>() is { ErrorType: "Krewe.JobCancelledException" }
            ? throw context.Retry(LookAgainAfter)
            : null;
    }
}
