namespace Krewe.Shop.Orders;

/// <summary>What a customer bought.</summary>
/// <param name="OrderId">The order's id.</param>
/// <param name="Lines">One or more films.</param>
public sealed record Order(string OrderId, IReadOnlyList<OrderLine> Lines)
{
    /// <summary>The sum of all lines, in euro.</summary>
    public decimal Total => Lines.Sum(line => line.Total);
}

/// <summary>One film of an order.</summary>
/// <param name="Title">The film.</param>
/// <param name="Year">Its year, where known.</param>
/// <param name="Quantity">How many, 1 or more.</param>
/// <param name="Price">The price of one, in euro.</param>
public sealed record OrderLine(string Title, int? Year, int Quantity, decimal Price)
{
    /// <summary>The line's price, in euro.</summary>
    public decimal Total => Quantity * Price;
}
