using Krewe.Shop.Orders;

namespace Krewe.Shop.Stock;

/// <summary>Sets an order's films aside; running again sets nothing aside twice.</summary>
/// <param name="orders">What was ordered.</param>
/// <param name="stock">The copies.</param>
public sealed class ReserveStockHandler(OrderBook orders, StockRoom stock) : IJobHandler<ReserveStock, Reservation>
{
    /// <inheritdoc/>
    public Task<Reservation> HandleAsync(ReserveStock job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(context);
        cancellationToken.ThrowIfCancellationRequested();
        var order = orders.Find(job.OrderId) ?? throw context.Fail($"The order id must not be blank, got '{job.OrderId}'; enqueue the flow with the id of an order.");
        try
        {
            return Task.FromResult(stock.Reserve(order));
        }
        catch (OutOfStockException exception)
        {
            throw context.Fail(exception.Message, exception);
        }
    }
}
