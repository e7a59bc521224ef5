using Krewe.Cluster.Tests.Flows;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.FromCelery;

public abstract partial class CeleryFlowTests
{
    /// <summary>Chains of groups and chords, and what they give.</summary>
    public static TheoryData<string, Flow> Chains => new()
    {
        { "8", ChainOf(new Give(1), Group.Of(new Add(1), new Add(1)), Group.Of(new Sum(), new Sum()), new Sum()) },
        { "12", ChainOf(new Give(1), Group.Of(new Add(1), new Add(1)), new Sum(), new Add(1), Group.Of(new Add(1), new Add(1)), new Sum()) },
        { "12", ChainOf(new Give(1), Group.Of(new Add(1), new Add(1)), new Sum(), new Add(1), Chord.Of(new Add(1), new Add(1)).Then(new Sum())) },
        { "178", ChainOf(ChainOf(Pair(new Give(1)), Pair(new Add(1)), Pair(new Add(0))), ChainOf(Pair(new Add(10)), Pair(new Add(0)), Pair(new Add(1)))) },
        { "29520", ChainOf([Three(new Give(1)), .. Times(7, Three(new Add(1))), Three(new Add(0))]) },
        { "[6,6]", ChainOf(new Give(1), Group.Of(new Add(1), new Add(1)), new Sum(), new Add(1), Group.Of(new Add(1), new Add(1))) },
        { "[6,6]", ChainOf(Group.Of(new Give(2), new Give(2)), new Sum(), new Add(1), Group.Of(new Add(1), new Add(1))) },
        { "[7,7]", ChainOf(Group.Of(new Give(2), new Give(2)), new Sum(), new Add(1), new Add(1), Group.Of(new Add(1), new Add(1))) },
        { "[8,8]", ChainOf(Group.Of(new Give(2), new Give(2)), new Sum(), new Add(1), new Add(1), new Add(1), Group.Of(new Add(1), new Add(1))) },
        { "[42,42]", ChainOf(Group.Of(new Give(42), new Give(42))) },
        { "[42,42]", ChainOf(new Give(42), Group.Of(new Pass(), new Pass()), new Pass()) },
        { "[42,42]", ChainOf(new Give(42), Group.Of(new Pass(), new Pass())) },
        { "[[4,5]]", ChainOf(Group.Of(ChainOf(new Give(3), Group.Of(new Add(1), new Add(2))))) },
        { "60", Chord.Of(new Give(1)).Then(Chord.Of(new Sum(), new Sum()).Then(ChainOf(new Sum(), Group.Of(new Add(8), new Add(16)), ChainOf(new Sum(), new Add(32))))) },
    };

    [Theory]
    [MemberData(nameof(Chains))]
    public async Task Chain_OfGroupsAndChords_GivesItsResult(string result, Flow chain) => Assert.Equal(result, await ResultAsync(chain));

    [Fact]
    public async Task Chain_WhenANestedStepIsReplacedAndAGroupFollows_AddsItAllUp()
    {
        var chain = ChainOf(new Give(4), ChainOf(new Add(4), new AddReplaced(8), new Add(16), new Add(32)), Group.Of(new Add(0), new Add(1), new Add(2), new Add(3)));

        Assert.Equal("[64,65,66,67]", await ResultAsync(chain));
    }

    [Fact]
    public async Task Chain_WhenTheMiddleFails_TheHandlesOfItsJobsSaySo()
    {
        var flow = await EnqueueAsync(ChainOf(new Give(3), new Break("middle"), new Add(7)));
        await FailureAsync(flow);

        var jobs = await JobsOfAsync(flow);
        Assert.Equal(3, await jobs[0].GetResultAsync<int>(Some.Timeout, Cancellation));
        Assert.Equal("middle", (await Assert.ThrowsAsync<JobFailedException>(() => jobs[1].GetResultAsync<int>(Some.Timeout, Cancellation))).ErrorMessage);
        var last = await Assert.ThrowsAsync<JobCancelledException>(() => jobs[2].GetResultAsync<int>(Some.Timeout, Cancellation));
        Assert.Contains($"'{jobs[1].Id}' did not succeed (System.InvalidOperationException: middle)", last.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chain_OfAGroupAStepAndAGroup_RunsThemInTurn()
    {
        await ResultAsync(ChainOf(Group.Of(Note("before 0"), Note("before 1"), Note("before 2")), Note("connect"), Group.Of(Note("after 0"), Note("after 1"))));

        var notes = _notes.ToArray();
        Assert.Equal(["before 0", "before 1", "before 2"], notes[..3].Order());
        Assert.Equal("connect", notes[3]);
        Assert.Equal(["after 0", "after 1"], notes[4..].Order());
    }

    [Fact]
    public async Task ParentId_OfEveryStepOfAChain_IsTheStepBeforeInOneFlow()
    {
        var flow = await EnqueueAsync(ChainOf([.. Times(10, new Give(1))]));
        await ResultAsync(flow);

        var jobs = await JobsOfAsync(flow);
        var infos = await Task.WhenAll(jobs.Select(job => job.InfoAsync()));
        Assert.Equal([null, .. jobs.SkipLast(1).Select(job => job.Id)], infos.Select(info => info.ParentId));
        Assert.All(infos, info => Assert.Equal(flow.Id, info.FlowId));
    }

    [Fact]
    public async Task ParentId_OfAHeaderOf49AndItsBody_IsTheStepBeforeAndTheMemberThatEndedLast()
    {
        var flow = await EnqueueAsync(ChainOf(new Give(1), new Give(2), Group.Of(Times(49, new Pass())), new Pass()));
        await ResultAsync(flow);

        var jobs = await JobsOfAsync(flow);
        var infos = await Task.WhenAll(jobs.Select(job => job.InfoAsync()));
        Assert.All(infos[2..^1], info => Assert.Equal(jobs[1].Id, info.ParentId));
        Assert.Contains(infos[^1].ParentId, jobs[2..^1].Select(job => job.Id));
        Assert.All(infos, info => Assert.Equal(flow.Id, info.FlowId));
    }

    [Fact]
    public async Task Chain_WhenItsGroupIsDelayedAndItHasAnErrorCallback_GivesItsResultNoEarlier()
    {
        var (errback, delay) = (Note("never"), new EnqueueOptions { Delay = Some.Moment });
        var started = TimeProvider.System.GetTimestamp();

        var flow = await EnqueueAsync(ChainOf(Group.Of(new Give(3).With(delay), new Give(7).With(delay)), new Sum()).OnError(errback));

        Assert.Equal("10", await ResultAsync(flow));
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= Some.Moment);
        await QuietAsync(flow);
        Assert.Equal(0, Scripts.RunsOf(errback));
    }

    [Fact]
    public async Task Handler_WhenItGivesTheIdOfAFlow_OthersReadItsResult()
    {
        var outer = await EnqueueAsync(async (context, token) => (await context.Jobs.EnqueueAsync(ChainOf(Group.Of(new Give(1), new Give(2)), new AddToEach(1)), cancellationToken: token)).Id);

        var flow = Jobs.GetFlow<int[]>((await outer.ResultAsync())!);

        var result = await flow.GetResultAsync(Some.Timeout, Cancellation);
        Assert.Equal([2, 3], result);
        Assert.Equal(outer.Id, (await flow.GetInfoAsync(Cancellation))!.ParentId);
    }

    [Fact]
    public async Task Chain_WhenEachOf42StepsHasACallback_CallsEach()
    {
        var callback = Note("called");
        var flow = await EnqueueAsync(ChainOf([.. Times(42, new Give(1337).OnSuccess(callback))]));

        Assert.Equal("1337", await ResultAsync(flow));
        await QuietAsync(flow);
        Assert.Equal(42, Scripts.RunsOf(callback));
    }

    [Fact]
    public async Task Chain_WhenEachOf42StepsFails_CallsTheErrorCallbackOfTheFirstAlone()
    {
        var flow = await EnqueueAsync(ChainOf([.. Times(42, new Break("no").OnError(NoteError()))]));

        await FailureAsync(flow);

        Assert.Equal([(await JobsOfAsync(flow))[0].Id], _notes);
    }

    [Fact]
    public async Task Chain_WhenItIsSentSeveralTimesUnderOneId_HasOneHeader()
    {
        var (first, left, right) = (Note("first"), Scripts.Add(context => Noted(context.FlowId!)), Scripts.Add(context => Noted(context.FlowId!)));
        var chain = ChainOf(first, Chord.Of(left, right).Then(new Pass()));
        var options = new FlowOptions { Id = Some.Key("repeated") };

        var flows = await Task.WhenAll(Times(5, chain).Select(repeated => EnqueueAsync(repeated, options)));

        var expected = $"[\"{options.Id}\",\"{options.Id}\"]";
        Assert.All(await Task.WhenAll(flows.Select(ResultAsync)), result => Assert.Equal(expected, result));
        await QuietAsync(flows[0]);
        Assert.Equal((1, 1, 1), (Scripts.RunsOf(first), Scripts.RunsOf(left), Scripts.RunsOf(right)));
    }

    [Theory]
    [InlineData("groups")]
    [InlineData("a chord first")]
    [InlineData("a chord and steps")]
    [InlineData("wider groups and a step")]
    [InlineData("wider groups")]
    public async Task Chain_OfGroupsInARow_RunsEveryJobOnce(string shape)
    {
        Group<string?> Echo(string texts) => Group.Of(texts.Select(text => Note($"{text}")));
        IFlowStep[] steps = shape switch
        {
            "groups" => [Echo("123"), Echo("456"), Echo("7"), Echo("8"), Note("9"), Note("Done")],
            "a chord first" => [Echo("123").Then(Echo("456")), Echo("7"), Echo("8"), Note("9"), Note("Done")],
            "a chord and steps" => [Echo("123").Then(Echo("456")), Note("7"), Echo("8"), Note("9"), Note("Done")],
            "wider groups and a step" => [Echo("12"), Echo("345"), Echo("6789"), Note("Done")],
            _ => [Echo("12"), Echo("345"), Echo("6789"), Group.Of(Note("Done"))],
        };
        var flow = await EnqueueAsync(ChainOf(steps));

        await ResultAsync(flow);

        await QuietAsync(flow);
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7", "8", "9", "Done"], _notes.Order());
        Assert.Equal("Done", _notes.Last());
    }

    [Fact]
    public async Task Chain_WhenTwoGroupsAreAChordInIt_RunsItsTailOnce()
    {
        Group<string?> Two() => Group.Of(Note("a"), Note("a"));
        var flow = await EnqueueAsync(ChainOf(Two().Then(Two()), ChainOf(Note("a"), Note("b"))));

        await ResultAsync(flow);

        await QuietAsync(flow);
        Assert.Equal(["a", "a", "a", "a", "a", "b"], _notes);
    }

    [Fact]
    public async Task Flow_WhenItHasAnId_NamesItsJobsByIt()
    {
        var id = Some.Key("named");
        var flow = await EnqueueAsync(ChainOf(new Give(4), new Add(2), new Add(3).With(new EnqueueOptions { Id = $"{id}-last" })), new FlowOptions { Id = id });

        Assert.Equal((id, "9"), (flow.Id, await ResultAsync(flow)));
        Assert.Equal([$"{id}.1", $"{id}.2", $"{id}-last"], (await JobsOfAsync(flow)).Select(job => job.Id.Split('~')[2]));
    }

    [Fact]
    public async Task Chain_WhenAStepIsTakenBackAndRunsAgain_GoesOnOnceWithItsSecondValue()
    {
        var (runs, callback, next) = (0, Note("called"), Scripts.Add(context => Noted(context.Input<string>()!)));
        var rejected = Scripts.Add(context => Interlocked.Increment(ref runs) == 1 ? throw context.Snooze(TimeSpan.Zero) : $"run {runs}");
        var flow = await EnqueueAsync(ChainOf(rejected.OnSuccess(callback), next));

        Assert.Equal("\"run 2\"", await ResultAsync(flow));
        await QuietAsync(flow);
        Assert.Equal((1, 1), (Scripts.RunsOf(callback), Scripts.RunsOf(next)));
    }

    private static Chord<int> Pair(IFlowStep<int> member) => Chord.Of(Times(2, member)).Then(new Sum());

    private static Chord<int> Three(IFlowStep<int> member) => Chord.Of(Times(3, member)).Then(new Sum());
}
