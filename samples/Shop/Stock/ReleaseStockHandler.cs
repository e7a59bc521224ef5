namespace Krewe.Shop.Stock;

/// <summary>Puts an order's films back, where any were set aside.</summary>
/// <param name="stock">The copies.</param>
public sealed class ReleaseStockHandler(StockRoom stock) : IJobHandler<ReleaseStock, bool>
{
    /// <inheritdoc/>
    public Task<bool> HandleAsync(ReleaseStock job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(context);
        cancellationToken.ThrowIfCancellationRequested();
        var isReleased = stock.Release(job.OrderId);
        if (context.Input<FlowError>() is { } error)
        {
            Log.Released(context.Logger, job.OrderId, error.JobName);
        }

        return Task.FromResult(isReleased);
    }
}
