using Krewe.Cluster.Tests.Flows;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.FromCelery;

public abstract partial class CeleryFlowTests
{
    private static readonly Break Fails = new("The original error.");

    /// <summary>Flows in which something fails, by where it does.</summary>
    public static TheoryData<string, Flow> Failing => new()
    {
        { "the header", Chord.Of(Fails).Then(new Pass()) },
        { "the middle of a chain in the header", Chord.Of(ChainOf(new Give(42), Fails, new Pass())).Then(new Pass()) },
        { "the end of a chain in the header", Chord.Of(ChainOf(new Give(42), Fails)).Then(new Pass()) },
        { "a group in the header", Chord.Of(Group.Of(new Give(42), Fails)).Then(new Pass()) },
        { "a chord in the header", Chord.Of(Chord.Of(new Give(42), Fails).Then(new Pass())).Then(new Pass()) },
        { "the body", Chord.Of(new Give(42)).Then(Fails) },
        { "the middle of a chain in the body", Chord.Of(new Give(42)).Then(ChainOf(new Pass(), Fails, new Pass())) },
        { "the end of a chain in the body", Chord.Of(new Give(42)).Then(ChainOf(new Pass(), Fails)) },
        { "a group in the body", Chord.Of(new Give(42)).Then(Group.Of(new Give(42), Fails)) },
        { "the header before a job", ChainOf(Group.Of(new Give(22), Fails), new Give(16)) },
        { "the header before a chain", ChainOf(Group.Of(new Give(22), Fails), ChainOf(new Give(16), new Give(12))) },
        { "the header before a group", ChainOf(Group.Of(new Give(22), Fails), Group.Of(new Give(16), new Give(12))) },
        { "the header before a chord", ChainOf(Group.Of(new Give(22), Fails), Chord.Of(new Give(2), new Give(4)).Then(new Give(20))) },
        { "a step before a group", ChainOf(new Give(2), Fails, Group.Of(new Add(1), new Add(1))) },
        { "a group at the end", ChainOf(new Give(2), new Add(1), Group.Of(new Add(1), Fails)) },
        { "a step behind a group", ChainOf(Group.Of(new Give(2), new Give(3)), Fails, new Pass()) },
        { "a group in a nested chain", ChainOf(ChainOf(Group.Of(new Give(2), Fails), new Pass()), new Pass()) },
        { "a chain in the header, before its own group", ChainOf(Group.Of(new Give(1), ChainOf(Fails, Group.Of(new Give(2), new Give(3)), new Give(4))), new Pass()) },
    };

    [Theory]
    [MemberData(nameof(Failing))]
    public async Task Flow_WhereverItFails_RaisesTheOriginalErrorAndLogsNoOther(string where, Flow shape)
    {
        var flow = await EnqueueAsync(shape);

        var failed = await FailureAsync(flow);

        Assert.Equal(("System.InvalidOperationException", Fails.Message), (failed.ErrorType, failed.ErrorMessage));
        Assert.Equal((await flow.GetInfoAsync(Cancellation))!.Error!.JobId, failed.JobId);
        var others = Silo.Setup.Logs.All.Where(line => line.Contains(flow.Id, StringComparison.Ordinal) && !line.StartsWith("Debug", StringComparison.Ordinal))
            .Where(line => !line.Contains(failed.JobId, StringComparison.Ordinal) && !line.Contains($"Flow {flow.Id} ended as Failed", StringComparison.Ordinal));
        Assert.False(others.Any(), $"Where {where} fails, expected no more to be logged, got: {string.Join(Environment.NewLine, others)}");
    }

    [Theory]
    [InlineData("f")]
    [InlineData("fff")]
    [InlineData("fs")]
    [InlineData("fss")]
    [InlineData("fsf")]
    [InlineData("fsfs")]
    [InlineData("fsfsf")]
    public async Task Chord_WhenMembersFail_CallsItsErrorCallbackOnceAndEachOfTheirs(string header)
    {
        var (own, theirs, bodys, body) = (NoteError(), Note("a member's"), Note("the body's"), Note("the body"));
        var members = header.Select(member => member == 'f' ? Fails.OnError(theirs) : new Give(42).OnError(theirs));
        var flow = await EnqueueAsync(Chord.Of(members).Then(body.OnError(bodys)).OnError(own));

        Assert.Equal(Fails.Message, (await FailureAsync(flow)).ErrorMessage);

        Assert.Equal((1, header.Count('f'.Equals)), (Scripts.RunsOf(own), Scripts.RunsOf(theirs)));
        Assert.Equal((0, 0), (Scripts.RunsOf(body), Scripts.RunsOf(bodys)));
    }

    [Fact]
    public async Task Chain_WhenAllOfItsGroupFails_CallsItsErrorCallbackOnceAndEachOfTheirs()
    {
        var (own, theirs, body) = (NoteError(), Note("a member's"), Note("the body"));
        var flow = await EnqueueAsync(ChainOf(new Give(42), Group.Of(Fails.OnError(theirs), Fails.OnError(theirs)), body).OnError(own));

        Assert.Equal(Fails.Message, (await FailureAsync(flow)).ErrorMessage);

        Assert.Equal((1, 2, 0), (Scripts.RunsOf(own), Scripts.RunsOf(theirs), Scripts.RunsOf(body)));
    }

    [Fact]
    public async Task Chord_WhenAChordInItsHeaderFails_CallsItsErrorCallbackOnce()
    {
        var (errback, inner, body) = (NoteError(), Note("the inner body"), Note("the body"));
        var flow = await EnqueueAsync(Chord.Of(new Give(3), Chord.Of(new Give(1), Fails).Then(inner)).Then(body).OnError(errback));

        await FailureAsync(flow);

        Assert.Equal((1, 0, 0), (Scripts.RunsOf(errback), Scripts.RunsOf(inner), Scripts.RunsOf(body)));
    }

    [Theory]
    [InlineData("one member")]
    [InlineData("many members")]
    [InlineData("the body")]
    [InlineData("the first of a chain as the body")]
    [InlineData("the last of a chain as the body")]
    [InlineData("many of a group as the body")]
    public async Task Chord_WhereverItFails_CallsItsErrorCallbackOnceForTheFirstThatFailed(string what)
    {
        var (header, body) = what switch
        {
            "one member" => (Times<IFlowStep>(1, Fails), new Pass()),
            "many members" => (Times<IFlowStep>(Many, Fails), new Pass()),
            "the body" => ([new Give(42)], Fails),
            "the first of a chain as the body" => ([new Give(42)], ChainOf(Fails, new Pass())),
            "the last of a chain as the body" => ([new Give(42)], ChainOf(new Pass(), Fails)),
            _ => ((IEnumerable<IFlowStep>)[new Give(42)], (IFlowStep)Group.Of(Times(Many, Fails))),
        };
        var flow = await EnqueueAsync(Chord.Of(header).Then(body).OnError(NoteError()));

        await FailureAsync(flow);

        Assert.Equal([(await flow.GetInfoAsync(Cancellation))!.Error!.JobId], _notes);
    }

    [Fact]
    public async Task Chord_WhenManyOfItsBodyFail_CallsEachOnesErrorCallbackWithItsId()
    {
        var flow = await EnqueueAsync(Chord.Of(new Give(1)).Then(Group.Of(Times(Many, Fails.OnError(NoteError())))));

        await FailureAsync(flow);

        var failed = new List<string>();
        foreach (var job in await JobsOfAsync(flow))
        {
            if (await job.EndAsync() == JobState.Failed)
            {
                failed.Add(job.Id);
            }
        }

        Assert.Equal(Many, failed.Count);
        Assert.Equal(failed.Order(), _notes.Order());
    }

    [Fact]
    public async Task Header_WhenAMemberFails_TheBodyNamesItAndResultsCanBeRead()
    {
        var flow = await EnqueueAsync(Chord.Of<int>(new Give(3), new Give(7), Fails).Then(new Sum()));
        await FailureAsync(flow);

        var jobs = await JobsOfAsync(Jobs.GetFlow(flow.Id));
        var results = await Task.WhenAll(jobs[..2].Select(job => job.GetResultAsync<int>(Some.Timeout, Cancellation)));
        Assert.Equal([3, 7], results);
        Assert.Equal(JobState.Failed, (await jobs[2].InfoAsync()).State);
        var body = await jobs[3].InfoAsync();
        Assert.Equal(JobState.Cancelled, body.State);
        Assert.Contains(jobs[2].Id, body.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fs")]
    [InlineData("sf")]
    public async Task Group_WhenAMemberFails_CallsItsErrorCallbackOnceForIt(string members)
    {
        var flow = await EnqueueAsync(Group.Of(members.Select(member => (IFlowStep)(member == 'f' ? Fails : new Give(42)))).OnError(NoteError()));

        Assert.Equal(Fails.Message, (await FailureAsync(flow)).ErrorMessage);

        Assert.Equal([(await JobsOfAsync(flow))[1 + members.IndexOf('f')].Id], _notes);
    }

    [Fact]
    public async Task Group_WhenManyMembersFail_CallsItsErrorCallbackOnceAndEachOfTheirs()
    {
        var (own, theirs) = (NoteError(), Note("a member's"));
        var flow = await EnqueueAsync(Group.Of(Times<IFlowStep>(24, new Give(42)).Concat(Times(Many, Fails.OnError(theirs)))).OnError(own));

        Assert.Equal(Fails.Message, (await FailureAsync(flow)).ErrorMessage);

        Assert.Equal((1, Many), (Scripts.RunsOf(own), Scripts.RunsOf(theirs)));
    }

    [Fact]
    public async Task OnError_WhenTheCallbackIsRetried_TheFlowFailsAllTheSame()
    {
        var errback = Scripts.Add(context => context.Attempt == 1 ? throw new IOException("Not yet.") : Noted(context.Input<FlowError>()!.Message));
        var flow = await EnqueueAsync(ChainOf(Fails.OnError(errback.With(new EnqueueOptions { Retry = AtOnce }))));

        Assert.Equal(Fails.Message, (await FailureAsync(flow)).ErrorMessage);

        Assert.Equal([Fails.Message], _notes);
        Assert.Equal(2, Scripts.RunsOf(errback));
    }
}
