using Krewe.Cluster.Tests.Flows;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.FromCelery;

public abstract partial class CeleryFlowTests
{
    private const int Many = 42;

    /// <summary>Groups of flows, and what they give.</summary>
    public static TheoryData<string, Flow> Groups => new()
    {
        { "[11,[101,[1001,2001]]]", Group.Of(new Give(11), Group.Of(new Give(101), Group.Of(new Give(1001), new Give(2001)))) },
        { "[1,2,[3,4]]", Group.Of(new Give(1), new Give(2), ChainOf(new Give(5), Group.Of(new Give(3), new Give(4)))) },
        { "[[42]]", Group.Of(Chord.Of(new Give(42)).Then(new Pass())) },
        { "[[1337]]", Group.Of(Chord.Of(ChainOf([.. Times(Many, new Give(1337))])).Then(new Pass())) },
        { $"[[[{ManyOf(1337)}]]]", Group.Of(Chord.Of(Group.Of(Times(Many, new Give(1337)))).Then(new Pass())) },
        { "[[31337]]", Group.Of(Chord.Of(Chord.Of(Times(Many, new Give(1337))).Then(new Give(31337))).Then(new Pass())) },
        { $"[[42,42,[{ManyOf(42)}],1337]]", Group.Of(Chord.Of(
            new Give(42),
            ChainOf([.. Times(Many, new Give(42))]),
            Group.Of(Times(Many, new Give(42))),
            Chord.Of(Times(Many, new Give(42))).Then(new Give(1337))).Then(new Pass())) },
        { "[[42]]", Group.Of(Chord.Of(new Give(42)).Then(ChainOf(new Pass()))) },
    };

    [Theory]
    [MemberData(nameof(Groups))]
    public async Task Group_OfFlows_GivesItsResult(string result, Flow group) => Assert.Equal(result, await ResultAsync(group));

    [Fact]
    public async Task Group_WhenItHasAThousandMembers_GivesTheirResultsInOrder()
    {
        var flow = await Jobs.EnqueueAsync(Group.Of(Enumerable.Range(0, 1_000).Select(number => new Give(number))), cancellationToken: Cancellation);

        Assert.Equal(Enumerable.Range(0, 1_000), await flow.GetResultAsync(Some.Timeout, Cancellation));
    }

    [Theory]
    [InlineData("arguments")]
    [InlineData("a list")]
    [InlineData("a generator")]
    [InlineData("an asynchronous generator")]
    public async Task Group_OfGroupsGivenInAnyForm_GivesTheSame(string form)
    {
        IEnumerable<Group<int>> Generate()
        {
            yield return Group.Of(new Give(1), new Give(2));
            yield return Group.Of(new Give(3));
        }

        var groups = form switch
        {
            "arguments" => Group.Of(Group.Of(new Give(1), new Give(2)), Group.Of(new Give(3))),
            "a list" => Group.Of(Generate().ToList()),
            "a generator" => Group.Of(Generate()),
            _ => Group.Of<int[]>(Generate().ToAsyncEnumerable()),
        };

        Assert.Equal("[[1,2],[3]]", await ResultAsync(groups));
    }

    [Fact]
    public async Task Group_WhenAMemberFails_IsFinalWhileTheOthersRun()
    {
        var gate = new Gate();
        var slow = Scripts.Add(async (_, token) =>
        {
            await gate.PassAsync(token);
            return "passed";
        });
        var flow = await EnqueueAsync(Group.Of(slow, new Break("no")));

        Assert.Equal(JobState.Failed, await flow.WaitAsync(Some.Timeout, Cancellation));

        await gate.ArrivedAsync();
        gate.Open();
        await QuietAsync(flow);
        var counts = (await flow.GetInfoAsync(Cancellation))!.Counts;
        Assert.Equal((1, 1, 2), (counts.Succeeded, counts.Failed, counts.Total));
    }

    [Fact]
    public async Task Group_WhenEmpty_IsFoundAgainByItsIdWithNoResults()
    {
        var flow = await EnqueueAsync(Group.Of(Array.Empty<Give>()));

        Assert.Empty(await Jobs.GetFlow<int[]>(flow.Id).GetResultAsync(Some.Timeout, Cancellation));
        Assert.Empty(await JobsOfAsync(Jobs.GetFlow(flow.Id)));
    }

    [Fact]
    public async Task Group_WhenResultsAreMixed_EachMemberTellsItsOwn()
    {
        var flow = await EnqueueAsync(Group.Of<int>(new Break("no"), new Give(2)));
        await FailureAsync(flow);

        var members = await JobsOfAsync(flow);
        Assert.Equal([JobState.Failed, JobState.Succeeded], await Task.WhenAll(members.Select(member => member.EndAsync())));
        Assert.Equal(2, await members[1].GetResultAsync<int>(Some.Timeout, Cancellation));
    }

    [Fact]
    public async Task Handles_WhenCollected_AreWaitedForTogether()
    {
        List<JobHandle<int>> handles = [await Jobs.EnqueueAsync(new Give(2), cancellationToken: Cancellation)];
        handles.Add(await Jobs.EnqueueAsync(new Give(4), cancellationToken: Cancellation));

        var results = await Task.WhenAll(handles.Select(handle => handle.ResultAsync()));
        Assert.Equal([2, 4], results);
    }

    [Fact]
    public async Task Group_WhenItAndItsMembersHaveCallbacks_CallsItsOwnOnceAndEachOfTheirs()
    {
        var (group, member) = (Note("group"), Note("member"));
        var flow = await EnqueueAsync(Group.Of(Times(Many, new Give(1337).OnSuccess(member))).OnSuccess(group));

        Assert.Equal($"[{ManyOf(1337)}]", await ResultAsync(flow));
        await QuietAsync(flow);
        Assert.Equal((1, Many), (Scripts.RunsOf(group), Scripts.RunsOf(member)));
    }

    private static string ManyOf(int number) => string.Join(',', Times(Many, number));
}
