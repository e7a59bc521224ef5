using System.Globalization;
using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>Which flows there are and which are open; how flows go by their time to live. By the store's own clock.</summary>
public abstract class FlowCatalogueConformance : FlowTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task ListOpen_WhenThereAreMany_PagesInOrderOfId(int pageSize)
    {
        string[] ids = ["b", "a", "B", "a-1", "a.1", "a_1", "a1", "Z", "0", "zz", "z", "-", "_", "10", "9"];
        foreach (var (id, minute) in ids.Select((id, index) => (id, index)))
        {
            await AppendedAsync(id, 0, Open(minute: minute));
            await AppendedAsync(id + "x", 0, Closed(minute: minute));
        }

        Assert.Equal(ids.Order(StringComparer.Ordinal), await OpenIdsAsync(pageSize));
    }

    [Fact]
    public async Task ListOpen_WhenFlowsCloseAndOpenAgain_FollowsThem()
    {
        await AppendedAsync("a", 0, Open(), "one");
        await AppendedAsync("b", 0, Open(), "one");

        await AppendedAsync("a", 1, Closed(ttl: Steps.Hour), "two");
        Assert.Equal(["b"], await OpenIdsAsync());
        await AppendedAsync("a", 2, Open("again"), "three");
        Assert.Equal(["a", "b"], await OpenIdsAsync());
        Assert.Equal(Describe(Open("again"), 3, [Bytes("one"), Bytes("two"), Bytes("three")]), await DescribeAsync("a"));
        await AppendedAsync("a", 3, Closed());

        Assert.Equal(["b"], await OpenIdsAsync());
        Assert.Equal(["b"], await Flows.ListOpenAsync("a", 10));
        Assert.Empty(await Flows.ListOpenAsync("b", 10));
    }

    [Fact]
    public async Task ForgetOpen_WhenFlowIsAbsentOrClosedOrOpen_LeavesTheOpenOne()
    {
        await AppendedAsync("closed", 0, Open(), "one");
        await AppendedAsync("closed", 1, Closed(ttl: Steps.Hour));
        await AppendedAsync("open", 0, Open(minute: 1), "one");
        var (open, closed) = (await DescribeAsync("open"), await DescribeAsync("closed"));

        await Flows.ForgetOpenAsync("absent");
        await Flows.ForgetOpenAsync("closed");
        await Flows.ForgetOpenAsync("open");

        Assert.Equal(["open"], await OpenIdsAsync());
        Assert.Equal((open, closed), (await DescribeAsync("open"), await DescribeAsync("closed")));
        Assert.Equal(["open", "closed"], await ListedIdsAsync());
        await AppendedAsync("absent", 0, Open());
        await AppendedAsync("closed", 1, Open());
        await AppendedAsync("open", 1, Closed());
        Assert.Equal(["absent", "closed"], await OpenIdsAsync());
    }

    [Fact]
    public async Task ForgetOpen_WhenTheFlowIsOpenedBeside_NeverLosesIt()
    {
        for (var round = 0; round < 60; round++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"f{round % 20:00}");
            var length = (await Flows.ReadAsync(id, 0))?.Length ?? 0;

            var opening = Flows.AppendAsync(id, length, Open(), [Bytes("one")]);
            await Task.WhenAll(Flows.ForgetOpenAsync(id), opening, Flows.ForgetOpenAsync(id));

            Assert.Equal(FlowAppend.Taken, await opening);
            Assert.Equal([id], await OpenIdsAsync());
            await Flows.ForgetOpenAsync(id);
            Assert.Equal([id], await OpenIdsAsync());
            await AppendedAsync(id, length + 1, Closed());
            Assert.Empty(await OpenIdsAsync());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(200)]
    public async Task List_WhenFlowsAreManyOfOneInstant_HoldsEachOnceNewestFirst(int pageSize)
    {
        for (var number = 0; number < 24; number++)
        {
            await AppendedAsync(string.Create(CultureInfo.InvariantCulture, $"f{number:00}"), 0, Open(minute: number / 6));
        }

        Assert.Equal(Enumerable.Range(0, 24).Reverse().Select(number => string.Create(CultureInfo.InvariantCulture, $"f{number:00}")), await ListedIdsAsync(pageSize));
    }

    [Fact]
    public async Task List_WhenFlowsComeAndGoBetweenPages_GoesOnWhereItWas()
    {
        for (var number = 0; number < 6; number++)
        {
            await AppendedAsync($"f{number}", 0, Open(minute: number), "one");
        }

        await AppendedAsync("f2", 1, Closed(ttl: Soon));
        var first = await Flows.ListAsync(null, 2);
        await AppendedAsync("new", 0, Open(minute: 10));
        await EventuallyAsync(async () => await Flows.ReadAsync("f2", 0) is null, "the flow is gone");
        var second = await Flows.ListAsync(first.Next, 2);
        await AppendedAsync("f3x", 0, Open(minute: 3));
        var third = await Flows.ListAsync(second.Next, 2);

        Assert.Equal(["f5", "f4"], first.Flows.Select(flow => flow.Id));
        Assert.Equal(["f3", "f1"], second.Flows.Select(flow => flow.Id));
        Assert.Equal(["f0"], third.Flows.Select(flow => flow.Id));
        Assert.Null(third.Next);
        Assert.Equal(["new", "f5", "f4", "f3x", "f3", "f1", "f0"], await ListedIdsAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("one:a")]
    [InlineData("1:a/b")]
    [InlineData("1:")]
    public async Task List_WhenCursorIsNone_IsAFormatException(string after) =>
        await Assert.ThrowsAsync<FormatException>(() => Flows.ListAsync(after, 10));

    [Fact]
    public async Task Flow_WhenItsTimeToLiveHasPassed_IsGoneFromEveryAnswer()
    {
        await AppendedAsync("a", 0, Open(), "one");
        await AppendedAsync("a", 1, Closed(ttl: Soon), "two");
        await AppendedAsync("born-closed", 0, Closed(ttl: Soon));
        await AppendedAsync("stays", 0, Closed(ttl: Steps.Hour, minute: 1));

        await EventuallyAsync(async () => await Flows.ReadAsync("a", 0) is null && await Flows.ReadAsync("born-closed", 0) is null, "both are gone");

        Assert.Equal(["stays"], await ListedIdsAsync());
        Assert.Empty(await OpenIdsAsync());
        Assert.Equal(FlowAppend.WrongLength, await Flows.AppendAsync("a", 2, Open(), []));
        await AppendedAsync("a", 0, Open("new", 2), "three");
        Assert.Equal(Describe(Open("new", 2), 1, [Bytes("three")]), await DescribeAsync("a"));
        Assert.Equal(["a", "stays"], await ListedIdsAsync());
        Assert.Equal(["a"], await OpenIdsAsync());
    }

    [Fact]
    public async Task TimeToLive_WhenWrittenAgain_CountsFromThere()
    {
        foreach (var id in new[] { "witness", "longer", "none", "opened" })
        {
            await AppendedAsync(id, 0, Closed(ttl: Later), "one");
        }

        await AppendedAsync("longer", 1, Closed(ttl: Steps.Hour));
        await AppendedAsync("none", 1, Closed());
        await AppendedAsync("opened", 1, Open());
        await EventuallyAsync(async () => await Flows.ReadAsync("witness", 0) is null, "the witness is gone");
        await AppendedAsync("other", 0, Closed(minute: -1));

        Assert.Equal(Describe(Closed(ttl: Steps.Hour), 1, [Bytes("one")]), await DescribeAsync("longer"));
        Assert.Equal(Describe(Closed(), 1, [Bytes("one")]), await DescribeAsync("none"));
        Assert.Equal(Describe(Open(), 1, [Bytes("one")]), await DescribeAsync("opened"));
        Assert.Equal(["opened", "none", "longer", "other"], await ListedIdsAsync());
        Assert.Equal(["opened"], await OpenIdsAsync());
    }
}
