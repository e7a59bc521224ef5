using Krewe.Shop;
using Krewe.Shop.Films;
using Krewe.Shop.Nightly;
using Krewe.Shop.Orders;
using Xunit;

namespace Krewe.Silo.Tests.Shop;

public sealed class ShopFlowsTests : IDisposable
{
    private static readonly DateOnly Day = new(2026, 11, 23);

    private readonly ShopFolder _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public void Flows_WhenAskedTwiceForOneDay_HaveTheSameIds()
    {
        var first = Ids(Day);

        Assert.Equal(first, Ids(Day));
        Assert.Equal(11, first.Distinct().Count());
        Assert.All(first, id => Assert.Matches("^[A-Za-z0-9._-]{1,100}$", id));
        Assert.Empty(first.Intersect(Ids(Day.AddDays(1))));
    }

    [Fact]
    public void Flows_ByKind_AreTenOrdersAndAReport()
    {
        var flows = Flows(Day);

        Assert.Equal(10, flows.Count(entry => entry.Flow is Chain<EmailReceipt>));
        Assert.IsType<Chord<NightlySummary>>(flows.Last().Flow);
    }

    private string[] Ids(DateOnly day) => [.. Flows(day).Select(entry => entry.Options.Id!)];

    private ShopFlows Flows(DateOnly day) => new(day, _shop.Get<FilmCatalogue>());
}
