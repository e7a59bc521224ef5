using Krewe.Storage;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>What only Redis can do to flows: a catalogue in another slot, a server that is full.</summary>
public sealed class RedisFlowStoreTests(RedisFixture fixture) : FlowTest, IClassFixture<RedisFixture>
{
    private RedisHarness Redis => (RedisHarness)Harness;

    [Fact]
    public async Task ForgetOpen_WhenAWriterDiedBeforeItsAppend_TakesTheEntryOut()
    {
        await Redis.FlowCatalogue.EnterAsync("a", 0, Steps.Noon);
        Assert.Equal(["a"], await OpenIdsAsync());
        Assert.Empty(await HeadsAsync());

        await Flows.ForgetOpenAsync("a");

        Assert.Empty(await OpenIdsAsync());
        Assert.Empty(await CatalogueAsync("all"));
        await AppendedAsync("a", 0, Open());
        Assert.Equal(["a"], await OpenIdsAsync());
    }

    [Fact]
    public async Task ForgetOpen_WhenAWriterDiedAfterItsAppend_TakesTheEntryOutAndKnowsTheEnd()
    {
        await AppendedAsync("a", 0, Open(), "one");
        await AppendedAsync("a", 1, Closed(ttl: Steps.Hour));
        await Redis.FlowCatalogue.EnterAsync("a", 0, null);

        await Flows.ForgetOpenAsync("a");

        Assert.Empty(await OpenIdsAsync());
        Assert.Equal(["a"], await CatalogueAsync("ends"));
        await AppendedAsync("a", 1, Open());
        Assert.Equal(["a"], await OpenIdsAsync());
        Assert.Empty(await CatalogueAsync("ends"));
    }

    [Fact]
    public async Task Append_WhenItsOpeningWasSettledMeanwhile_EntersAnew()
    {
        // As if a later opening than this server's clock gives had been settled, before a clock was set back.
        var opening = await Redis.FlowCatalogue.EnterAsync("a", 0, Steps.Noon);
        await Flows.ForgetOpenAsync("a");
        await (await Redis.DatabaseAsync()).StringSetAsync(Redis.Prefix + "{flow:a}:fence", opening + 1_000_000_000);

        await AppendedAsync("a", 0, Open(), "one");

        Assert.Equal(["a"], await OpenIdsAsync());
        Assert.True(await Redis.FlowCatalogue.OpeningAsync("a") > opening + 1_000_000_000);
        await AppendedAsync("a", 1, Closed());
        Assert.Empty(await OpenIdsAsync());
    }

    [Fact]
    public async Task Enter_WhenFlowsHaveGone_TakesThemOutOfAll()
    {
        for (var number = 0; number < 5; number++)
        {
            await AppendedAsync($"f{number}", 0, Closed(ttl: Soon));
        }

        await EventuallyAsync(async () => await Flows.ReadAsync("f4", 0) is null, "the last one is gone");
        await AppendedAsync("new", 0, Open());

        Assert.Equal(["new"], await CatalogueAsync("all"));
        Assert.Empty(await CatalogueAsync("ends"));
    }

    [Fact]
    public async Task List_WhenFlowsWereLost_TakesOldEntriesOutAndLeavesYoungOnes()
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (id, age) in new[] { ("old", 11), ("young", 9), ("there", 12) })
        {
            await AppendedAsync(id, 0, Closed() with { CreatedAt = now.AddMinutes(-age) });
        }

        await (await Redis.DatabaseAsync()).KeyDeleteAsync([Redis.Prefix + "{flow:old}:head"]);
        await (await Redis.DatabaseAsync()).KeyDeleteAsync([Redis.Prefix + "{flow:young}:head"]);

        Assert.Equal(["there"], await ListedIdsAsync(1));
        Assert.Equal(["there", "young"], await CatalogueAsync("all"));
    }

    [Fact]
    public async Task Append_WhenTheStoreIsFull_RefusesNewFlowsAndTakesTheRest()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await using var harness = new RedisHarness(server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
        await harness.StartAsync();
        var flows = harness.Flows;
        Assert.Equal(FlowAppend.Taken, await flows.AppendAsync("a", 0, Open(), [Bytes("one")]));
        Assert.Equal(FlowAppend.Taken, await flows.AppendAsync("b", 0, Closed(), []));
        await server.SendAsync("CONFIG SET maxmemory 1", Cancelled);

        Assert.Equal(FlowAppend.Full, await flows.AppendAsync("new", 0, Open(), [Bytes("one")]));
        Assert.Equal(FlowAppend.WrongLength, await flows.AppendAsync("a", 0, Open(), [Bytes("one")]));
        Assert.Equal(FlowAppend.WrongLength, await flows.AppendAsync("new", 1, Open(), []));
        Assert.Equal(FlowAppend.Taken, await flows.AppendAsync("a", 1, Closed(ttl: Steps.Hour), [Bytes("two")]));
        Assert.Equal(FlowAppend.Taken, await flows.AppendAsync("a", 2, Open(), []));

        Assert.Equal(["a"], await flows.ListOpenAsync(null, 10));
        Assert.Equal(["b", "a"], (await flows.ListAsync(null, 10)).Flows.Select(flow => flow.Id));
        Assert.Null(await flows.ReadAsync("new", 0));
        await server.SendAsync("CONFIG SET maxmemory 0", Cancelled);
        Assert.Equal(FlowAppend.Taken, await flows.AppendAsync("new", 0, Open(), []));
    }

    [Fact]
    public async Task Append_WhenAnotherNodeIsFull_LeavesNoEntryBehind()
    {
        // The catalogue took the flow, the flow's own node has no room: as if memory ran out between the two.
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await using var harness = new RedisHarness(server.ConnectionString);
        await harness.StartAsync();
        await harness.FlowCatalogue.EnterAsync("new", 0, Steps.Noon);
        await server.SendAsync("CONFIG SET maxmemory 1", Cancelled);

        Assert.Equal(FlowAppend.Full, await harness.Flows.AppendAsync("new", 0, Open(), [Bytes("one")]));

        Assert.Empty(await harness.Flows.ListOpenAsync(null, 10));
    }

    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };

    private async Task<IEnumerable<string>> CatalogueAsync(string list) =>
        (await (await Redis.DatabaseAsync()).SortedSetRangeByRankAsync(Redis.Prefix + "{flows}:" + list)).Select(id => id.ToString()).Order(StringComparer.Ordinal);
}
