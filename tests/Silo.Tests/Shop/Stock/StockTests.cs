using Krewe.Shop.Films;
using Krewe.Shop.Orders;
using Krewe.Shop.Stock;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Stock;

public sealed class StockTests : IDisposable
{
    private readonly ShopFolder _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Reserve_WhenThereAreCopies_SetsThemAsideOnce()
    {
        var order = SupplyableOrder();

        var first = await ReserveAsync(order.OrderId);
        var second = await ReserveAsync(order.OrderId);

        Assert.Equal(order.Total, first.Total);
        Assert.Equal(order.Lines.Select(line => line.Title), first.Lines.Select(film => film.Title));
        Assert.Equal(first.Lines, second.Lines);
        Assert.Single(_shop.Get<StockRoom>().Reservations);
    }

    [Fact]
    public async Task Reserve_WhenAFilmHasNoDistributor_FailsAndSetsNothingAside()
    {
        var order = Orders().First(order => !IsSupplied(order));

        var failed = await Assert.ThrowsAsync<FailJobException>(() => ReserveAsync(order.OrderId));

        Assert.Contains("is out of stock:", failed.Message, StringComparison.Ordinal);
        Assert.Empty(_shop.Get<StockRoom>().Reservations);
    }

    [Fact]
    public void Reserve_WhenAllCopiesAreSetAside_IsOutOfStock()
    {
        var (stock, line) = (_shop.Get<StockRoom>(), SupplyableOrder().Lines[0] with { Quantity = 1 });
        for (var i = 0; i < StockRoom.CopiesOfAFilm; i++)
        {
            stock.Reserve(new Order($"order-{i}", [line]));
        }

        var refused = Assert.Throws<OutOfStockException>(() => stock.Reserve(new Order("late", [line])));
        Assert.Equal($"'{line.Title}' is out of stock: 1 wanted, 0 there.", refused.Message);
        Assert.True(stock.Release("order-7"));
        Assert.Equal("late", stock.Reserve(new Order("late", [line])).OrderId);
    }

    [Fact]
    public async Task Reserve_WhenTheOrderIsBlank_Fails() =>
        Assert.StartsWith("The order id must not be blank", (await Assert.ThrowsAsync<FailJobException>(() => ReserveAsync(" "))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Release_WhenRunTwice_PutsBackOnce()
    {
        var order = SupplyableOrder();
        await ReserveAsync(order.OrderId);

        Assert.True(await ReleaseAsync(order.OrderId));
        Assert.False(await ReleaseAsync(order.OrderId));
        Assert.Empty(_shop.Files());
    }

    [Fact]
    public void Reserve_WhenTheIdIsAPath_StaysInItsFolder()
    {
        _shop.Get<StockRoom>().Reserve(new Order("../../x", [SupplyableOrder().Lines[0]]));

        Assert.Equal(["stock/order-..%2F..%2Fx.json"], _shop.Files());
    }

    private Task<Reservation> ReserveAsync(string orderId) => _shop.Make<ReserveStockHandler>().HandleAsync(new ReserveStock(orderId), new ShopContext(), TestContext.Current.CancellationToken);

    private Task<bool> ReleaseAsync(string orderId) => _shop.Make<ReleaseStockHandler>()
        .HandleAsync(new ReleaseStock(orderId), new ShopContext(input: new FlowError("critical~0~a", "payments.take", "T", "m", 1)), TestContext.Current.CancellationToken);

    private IEnumerable<Order> Orders() => Enumerable.Range(0, 200).Select(number => _shop.Get<OrderBook>().Find($"order-{number}")!);

    private Order SupplyableOrder() => Orders().First(IsSupplied);

    private bool IsSupplied(Order order) => order.Lines.All(line => _shop.Get<FilmCatalogue>().Films.Any(film => (film.Title, film.Year) == (line.Title, line.Year) && film.Distributor is not null));
}
