namespace Krewe.Shop.Stock;

/// <summary>Puts the films of an order back; for the <c>OnError</c> of an order's flow.</summary>
/// <param name="OrderId">The order.</param>
[Job("stock.release", MaxRetries = 3)]
public sealed record ReleaseStock(string OrderId) : IJob<bool>, IReceives<FlowError>;
