using Krewe.Shop.Orders;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Orders;

public sealed class OrderBookTests : IDisposable
{
    private readonly ShopFolder _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public void Find_WhenAskedInAnotherProcess_GivesThePinnedOrder()
    {
        var order = _shop.Get<OrderBook>().Find("2026-11-23-1001")!;

        Assert.Equal(PinnedOrder, order.Lines);
    }

    [Fact]
    public void Find_ForManyIds_SellsFilmsWithTitlesAndPrices()
    {
        var book = _shop.Get<OrderBook>();

        var orders = Enumerable.Range(0, 500).Select(number => book.Find($"order-{number}")!).ToList();

        Assert.All(orders, order => Assert.InRange(order.Lines.Count, 1, 4));
        Assert.All(orders.SelectMany(order => order.Lines), line => Assert.True(line is { Title.Length: > 0, Quantity: 1 or 2, Price: >= 4.99m and <= 24.99m }, line.ToString()));
        Assert.Equal([1, 2, 3, 4], orders.Select(order => order.Lines.Count).Distinct().Order());
    }

    private static readonly OrderLine[] PinnedOrder =
    [
        new("Due occhi diabolici", 1991, 1, 8.99m), new("Men in Black 2", 2002, 1, 14.99m), new("My Fair Lady", 1964, 1, 15.99m), new("Rounders", 1998, 1, 13.99m),
    ];
}
