using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>Flows: an append is whole, durable and refused by a wrong length; the catalogue never misses an open one.</summary>
public abstract class FlowConformance : FlowTest
{
    private const int Mebibyte = 1024 * 1024;

    [Fact]
    public async Task Append_WhenFlowIsNew_ComesBackWhole()
    {
        await AppendedAsync("a", 0, Open("summary"), "one", "two");

        var page = await FoundFlowAsync("a");

        Assert.Equal((2L, Steps.Noon, true, null), (page.Length, page.Head.CreatedAt, page.Head.IsOpen, page.Head.Ttl));
        Assert.Equal(Bytes("summary"), page.Head.Summary);
        Assert.Equal([Bytes("one"), Bytes("two")], page.Entries);
        Assert.Equal(["a"], await OpenIdsAsync());
        var listed = Assert.Single(await HeadsAsync());
        Assert.Equal(("a", Steps.Noon, true, null), (listed.Id, listed.Head.CreatedAt, listed.Head.IsOpen, listed.Head.Ttl));
        Assert.Equal(Bytes("summary"), listed.Head.Summary);
    }

    [Fact]
    public async Task Append_WhenFlowIsThere_AddsAndReplacesTheHead()
    {
        await AppendedAsync("a", 0, Open("first"), "one");

        await AppendedAsync("a", 1, Open("second"), "two", "three");
        await AppendedAsync("a", 3, Closed("third", Steps.Hour, minute: 5), "four");

        var page = await FoundFlowAsync("a", 1);
        Assert.Equal((4L, false, Steps.Hour), (page.Length, page.Head.IsOpen, page.Head.Ttl));
        Assert.Equal(Bytes("third"), page.Head.Summary);
        Assert.Equal([Bytes("two"), Bytes("three"), Bytes("four")], page.Entries);
        Assert.Equal(Steps.Noon, page.Head.CreatedAt); // When it was first written, whatever a later head says.
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Append_WhenLengthIsWrong_WritesNothing(long expectedLength)
    {
        await AppendedAsync("a", 0, Open(), "one", "two");
        var before = await DescribeAsync("a");

        Assert.Equal(FlowAppend.WrongLength, await Flows.AppendAsync("a", expectedLength, Closed("other", Soon, minute: 9), [Bytes("other")]));
        Assert.Equal(FlowAppend.WrongLength, await Flows.AppendAsync("a", expectedLength, Open("other", minute: 9), []));

        Assert.Equal(before, await DescribeAsync("a"));
        Assert.Equal(["a"], await OpenIdsAsync());
        Assert.Equal(["a"], await ListedIdsAsync());
    }

    [Fact]
    public async Task Append_WhenFlowIsGone_IsAWrongLength()
    {
        Assert.Equal(FlowAppend.WrongLength, await Flows.AppendAsync("a", 1, Open(), [Bytes("one")]));

        Assert.Null(await Flows.ReadAsync("a", 0));
        Assert.Empty(await OpenIdsAsync());
        Assert.Empty(await HeadsAsync());
    }

    [Fact]
    public async Task Append_WhenThereAreNoEntries_WritesTheHeadAlone()
    {
        await AppendedAsync("a", 0, Open("first"), "one");
        await AppendedAsync("a", 1, Closed("second"));
        await AppendedAsync("empty", 0, Open("empty"));

        Assert.Equal(Describe(Closed("second"), 1, [Bytes("one")]), await DescribeAsync("a"));
        Assert.Equal(Describe(Open("empty"), 0, []), await DescribeAsync("empty"));
        Assert.Equal(["empty"], await OpenIdsAsync());
        Assert.Equal(FlowAppend.WrongLength, await Flows.AppendAsync("empty", 0, Open(), [Bytes("one")]));
    }

    [Fact]
    public async Task Append_WhenRefusedAsNew_LeavesTheCatalogueAsItIs()
    {
        await AppendedAsync("open", 0, Open());
        await AppendedAsync("closed", 0, Closed(minute: 1));

        Assert.Equal(FlowAppend.WrongLength, await Flows.AppendAsync("open", 0, Open(minute: 7), []));
        Assert.Equal(FlowAppend.WrongLength, await Flows.AppendAsync("closed", 0, Open(minute: 7), []));

        Assert.Equal(["open"], await OpenIdsAsync());
        Assert.Equal(["closed", "open"], await ListedIdsAsync());
    }

    [Fact]
    public async Task Append_WhenClosedAfterARefusedOne_LeavesTheCatalogue()
    {
        await AppendedAsync("a", 0, Open(), "one");
        Assert.Equal(FlowAppend.WrongLength, await Flows.AppendAsync("a", 0, Open(), []));

        await AppendedAsync("a", 1, Closed());

        Assert.Empty(await OpenIdsAsync());
    }

    [Theory]
    [InlineData("id")]
    [InlineData("length")]
    [InlineData("ttl of an open one")]
    [InlineData("ttl")]
    [InlineData("summary")]
    [InlineData("entries")]
    [InlineData("bytes")]
    public async Task Append_WhenTheContractForbidsIt_IsAnArgumentException(string broken)
    {
        var (id, head) = (broken == "id" ? "a/b" : "a", broken switch
        {
            "ttl of an open one" => Open() with { Ttl = Steps.Hour },
            "ttl" => Closed() with { Ttl = TimeSpan.Zero },
            "summary" => Open() with { Summary = new byte[(16 * 1024) + 1] },
            _ => Open(),
        });
        byte[][] entries = broken switch
        {
            "entries" => [.. Enumerable.Repeat<byte[]>([1], 65)],
            "bytes" => [new byte[2 * Mebibyte], new byte[(2 * Mebibyte) + 1]],
            _ => [[1]],
        };

        await Assert.ThrowsAsync<ArgumentException>(() => Flows.AppendAsync(id, broken == "length" ? -1 : 0, head, entries));

        Assert.Empty(await HeadsAsync());
    }

    [Fact]
    public async Task Read_WhenEntriesAreLarge_TakesPagesOf4MiB()
    {
        byte[][] entries = [.. Enumerable.Range(0, 10).Select(number => Enumerable.Repeat((byte)number, Mebibyte).ToArray()), new byte[(4 * Mebibyte) + 1], [1], [2]];
        for (var number = 0; number < entries.Length; number++)
        {
            Assert.Equal(FlowAppend.Taken, await Flows.AppendAsync("a", number, Open(), [entries[number]]));
        }

        List<int> pages = [];
        List<byte[]> read = [];
        while (read.Count < entries.Length)
        {
            var page = await FoundFlowAsync("a", read.Count);
            Assert.Equal(entries.Length, page.Length);
            pages.Add(page.Entries.Count);
            read.AddRange(page.Entries);
        }

        Assert.Equal([4, 4, 2, 1, 2], pages);
        Assert.All(read.Zip(entries), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second)));
        Assert.Empty((await FoundFlowAsync("a", 13)).Entries);
        Assert.Empty((await FoundFlowAsync("a", 1000)).Entries);
    }

    [Fact]
    public async Task Read_WhenEntriesAreSmall_TakesThousandsInAPage()
    {
        for (var length = 0; length < 3200; length += 64)
        {
            await AppendedAsync("a", length, Open(), [.. Enumerable.Range(length, 64).Select(number => $"entry {number}")]);
        }

        Assert.Equal(Enumerable.Range(0, 3200).Select(number => Bytes($"entry {number}")), (await FoundFlowAsync("a")).Entries);
        Assert.Equal(Enumerable.Range(3190, 10).Select(number => Bytes($"entry {number}")), (await FoundFlowAsync("a", 3190)).Entries);
    }

    [Fact]
    public async Task Append_WhenBytesAreUnusual_ComeBackAsTheyWere()
    {
        byte[][] entries = [[.. Enumerable.Range(0, 256).Select(number => (byte)number)], [], [0], [0, 0, 13, 10], [0xC3, 0x28, 0xFF], Bytes("'; DROP TABLE flows; --")];
        var id = "Aa0._-" + new string('z', 122);
        var summary = new byte[16 * 1024];
        summary[^1] = 0xFE;

        Assert.Equal(FlowAppend.Taken, await Flows.AppendAsync(id, 0, Open() with { Summary = summary }, entries));
        Assert.Equal(FlowAppend.Taken, await Flows.AppendAsync("plain", 0, Open() with { Summary = [] }, []));

        var page = await FoundFlowAsync(id);
        Assert.Equal(entries, page.Entries);
        Assert.Equal(summary, page.Head.Summary);
        Assert.Empty((await FoundFlowAsync("plain")).Head.Summary);
        Assert.Equal([id, "plain"], await OpenIdsAsync());
        Assert.Equal(new HashSet<string> { id, "plain" }, (await ListedIdsAsync(1)).ToHashSet());
    }

    [Fact]
    public async Task Flows_WhenTheStoreIsOpenedAgain_AreStillThere()
    {
        await AppendedAsync("open", 0, Open("a", 1), "one");
        await AppendedAsync("closed", 0, Open("b", 2), "one");
        await AppendedAsync("closed", 1, Closed("c", Steps.Hour), "two");
        var (open, closed) = (await DescribeAsync("open"), await DescribeAsync("closed"));

        await ReopenAsync();

        Assert.Equal((open, closed), (await DescribeAsync("open"), await DescribeAsync("closed")));
        Assert.Equal(["open"], await OpenIdsAsync());
        Assert.Equal(["closed", "open"], await ListedIdsAsync());
        await AppendedAsync("open", 1, Closed());
    }

    [Fact]
    public async Task Append_WhenTwoWritersRace_OneOfEachRoundIsTaken()
    {
        for (var length = 0; length < 60; length++)
        {
            var head = length % 3 == 2 ? Closed() : Open();
            var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(writer => Flows.AppendAsync("a", length, head, [Bytes($"{writer} {length}")])));

            Assert.Equal([FlowAppend.Taken, FlowAppend.WrongLength], answers.Order());
            var page = await FoundFlowAsync("a", length);
            Assert.Equal(length + 1, page.Length);
            Assert.Equal(Bytes($"{Array.IndexOf(answers, FlowAppend.Taken)} {length}"), Assert.Single(page.Entries));
            Assert.Equal(head.IsOpen ? ["a"] : [], await OpenIdsAsync());
        }
    }
}
