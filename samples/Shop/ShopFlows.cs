using System.Collections;
using System.Globalization;
using Krewe.Shop.Films;
using Krewe.Shop.Nightly;
using Krewe.Shop.Orders;

namespace Krewe.Shop;

/// <summary>One day's flows of the shop: orders from the reservation to the confirmation, and the nightly report. The same day gives the same flows under the same ids.</summary>
/// <param name="day">The day; part of every id, order and payment.</param>
/// <param name="catalogue">The films; their genres are in the report.</param>
/// <remarks>
/// Which orders fail depends on the day: the fourth goes where no carrier does, the card of the ninth has expired, and whoever orders a film without a distributor finds it out of stock.
/// The others are confirmed, some of them after the gateway was busy, down, or had lost its answer.
/// </remarks>
#pragma warning disable CA1710 // it is a day's flows, which happen to be a collection
public sealed class ShopFlows(DateOnly day, FilmCatalogue catalogue) : IReadOnlyCollection<(Flow Flow, FlowOptions Options)>
#pragma warning restore CA1710
{
    private const int FirstOrder = 1101;
    private const int OrderCount = 10;
    private const int OrderToNowhere = 1104;

    private static readonly string[] Customers = ["ada@example.org DE", "bela@example.org FR", "chloe@example.org GB", "dimitri@example.org US", "eiko@example.org JP", "fatima@example.org NL"];

    private readonly (Flow Flow, FlowOptions Options)[] _flows = [.. Flows(day, catalogue)];

    /// <summary>How many flows the day has.</summary>
    public int Count => _flows.Length;

    /// <inheritdoc/>
    public IEnumerator<(Flow Flow, FlowOptions Options)> GetEnumerator() => ((IEnumerable<(Flow Flow, FlowOptions Options)>)_flows).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static IEnumerable<(Flow Flow, FlowOptions Options)> Flows(DateOnly day, FilmCatalogue catalogue)
    {
        var date = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        for (var order = FirstOrder; order < FirstOrder + OrderCount; order++)
        {
            var customer = Customers[order % Customers.Length].Split(' ');
            yield return (OrderFlow.Of($"{date}-{order}", $"pay-{date}-{order}", order == OrderToNowhere ? "AQ" : customer[1], customer[0]), new FlowOptions { Id = $"day-{date}-flow-{order}", Name = $"order {order}" });
        }

        yield return (NightlyReport.Of(day, catalogue.Genres), new FlowOptions { Id = $"day-{date}-nightly", Name = "nightly report" });
    }
}
