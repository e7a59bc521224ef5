namespace Krewe.Shop.Stock;

/// <summary>Sets the films of an order aside.</summary>
/// <param name="OrderId">The order, as in the order book.</param>
[Job("stock.reserve", MaxRetries = 3)]
public sealed record ReserveStock(string OrderId) : IJob<Reservation>;
