using System.Globalization;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>How a flow stands, as its own keys say.</summary>
/// <param name="State"><see cref="Open"/>, <see cref="Closed"/> or <see cref="Gone"/>.</param>
/// <param name="CreatedTicks">When it was created; 0: it is gone.</param>
/// <param name="EndsAt">Milliseconds since 1970 at which it goes, as text; empty: it stays.</param>
internal readonly record struct FlowStanding(string State, long CreatedTicks, string EndsAt)
{
    internal const string Open = "open";
    internal const string Closed = "closed";
    internal const string Gone = "gone";
}

/// <summary>Which flows there are, and which of them are open. <c>Scripts/flow-catalogue.lua</c> says how it stays true beside the flows.</summary>
internal sealed class RedisFlowCatalogue(RedisCaller caller, string prefix)
{
    private readonly RedisKey _open = prefix + "{flows}:open";
    private readonly RedisKey _openings = prefix + "{flows}:openings";
    private readonly RedisKey _all = prefix + "{flows}:all";
    private readonly RedisKey _ends = prefix + "{flows}:ends";

    private RedisKey[] Keys => [_open, _openings, _all, _ends];

    /// <summary>Enters a flow, before the append that makes or opens it.</summary>
    /// <param name="id">The flow.</param>
    /// <param name="above">The opening is above this one.</param>
    /// <param name="newAt">When a new flow is created; null: it is there.</param>
    /// <returns>The opening.</returns>
    internal async Task<long> EnterAsync(string id, long above, DateTimeOffset? newAt)
    {
        var script = newAt is null ? caller.Scripts.FlowCatalogue : caller.Scripts.FlowCatalogueNew;
        return (long)await caller.RunAsync(script, Keys, "enter", id, above, newAt is { } createdAt ? RedisTime.LastMicrosecondAt(createdAt) : "");
    }

    /// <summary>The opening by which a flow entered last; 0: it is not in the catalogue.</summary>
    internal async Task<long> OpeningAsync(string id) =>
        (long)(await caller.CallAsync(database => database.SortedSetScoreAsync(_openings, id, CommandFlags.DemandMaster)) ?? 0);

    /// <summary>Writes how a flow stands, unless it entered anew since.</summary>
    internal Task SettleAsync(string id, long opening, FlowStanding standing)
    {
        var created = RedisTime.LastMicrosecondAt(new(standing.CreatedTicks, TimeSpan.Zero));
        return caller.RunAsync(caller.Scripts.FlowCatalogue, Keys, "settle", id, opening, standing.State, created, standing.EndsAt);
    }

    internal async Task<IReadOnlyList<string>> ListOpenAsync(string? after, int max)
    {
        RedisValue from = after;
        var ids = await caller.CallAsync(database =>
            database.SortedSetRangeByValueAsync(_open, from, RedisValue.Null, Exclude.Start, Order.Ascending, 0, max, CommandFlags.DemandMaster));
        return [.. ids.Select(id => id.ToString())];
    }

    /// <summary>Flows in order, whether they are still there or not.</summary>
    internal async Task<IReadOnlyList<FlowCursor>> ListAsync(FlowCursor? after, int max)
    {
        RedisValue[] arguments = after is { } cursor ? [cursor.CreatedAt, cursor.Id, max] : ["", "", max];
        var found = (string[])(await caller.RunAsync(caller.Scripts.FlowList, [_all], arguments))!;
        return [.. found.Chunk(2).Select(pair => new FlowCursor(long.Parse(pair[1], CultureInfo.InvariantCulture), pair[0]))];
    }

    /// <summary>Takes flows out that are gone.</summary>
    internal async Task DropAsync(IEnumerable<FlowCursor> gone)
    {
        const int maxDropped = 100;
        foreach (var chunk in gone.Chunk(maxDropped))
        {
            await caller.RunAsync(caller.Scripts.FlowCatalogue, Keys, ["drop", .. chunk.SelectMany(flow => (RedisValue[])[flow.Id, flow.CreatedAt])]);
        }
    }
}
