using Krewe.Cluster.Tests.Flows;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.FromCelery;

public abstract partial class CeleryFlowTests
{
    /// <summary>Flows with a member that a chain takes the place of, and what they give.</summary>
    public static TheoryData<string, Flow> Replacements => new()
    {
        { "42", ChainOf(new AddReplaced(42)) },
        { "42", ChainOf(new AddReplaced(42), new Pass()) },
        { "42", ChainOf(new Give(40), new AddReplaced(2), new Pass()) },
        { "42", ChainOf(new Give(40), new AddReplaced(2)) },
        { "[42,1337]", Group.Of<int>(new AddReplaced(42), new Give(1337)) },
        { "[42,1337,31337]", Group.Of<int>(new Give(42), new AddReplaced(1337), new Give(31337)) },
        { "[42,1337]", Group.Of<int>(new Give(42), new AddReplaced(1337)) },
        { $"[{string.Join(",", Times(10, "[3,2],[5,4]"))}]", Group.Of(Times(10, (int[][])[[2, 1], [4, 3]]).SelectMany(pair => pair.Select(numbers => new AddToEachReplaced(1, numbers)))) },
        { "[42]", Chord.Of(new AddReplaced(42)).Then(new Pass()) },
        { "[42]", Chord.Of(ChainOf(new AddReplaced(42), new Pass())).Then(new Pass()) },
        { "[42]", Chord.Of(ChainOf(new Give(40), new AddReplaced(2), new Pass())).Then(new Pass()) },
        { "[42]", Chord.Of(ChainOf(new Give(40), new AddReplaced(2))).Then(new Pass()) },
        { "[3,2]", Chord.Of(new Give(42)).Then(new AddToEachReplaced(1, [2, 1])) },
        { "[3,2]", Chord.Of(new Give(42)).Then(ChainOf(new AddToEachReplaced(1, [2, 1]), new Pass())) },
        { "[3,2]", Chord.Of(new Give(42)).Then(ChainOf(new Pass(), new AddToEachReplaced(1, [2, 1]), new Pass())) },
        { "[3,2]", Chord.Of(new Give(42)).Then(ChainOf(new Pass(), new AddToEachReplaced(1, [2, 1]))) },
        { "[29,38]", Chord.Of(
            ChainOf(Chord.Of<int>(new Give(3), new AddReplaced(7)).Then(new AddToEach(5)), new Sum()),
            ChainOf(Chord.Of<int>(new AddReplaced(13), new Give(0)).Then(new AddToEach(8)), new Sum())).Then(new AddToEach(9)) },
    };

    [Theory]
    [MemberData(nameof(Replacements))]
    public async Task Member_WhenReplaced_KeepsItsPlace(string result, Flow flow) => Assert.Equal(result, await ResultAsync(flow));

    [Fact]
    public async Task Member_WhenReplaced_KeepsItsId()
    {
        var flow = await EnqueueAsync(ChainOf(new Give(40), new AddReplaced(2), new Pass()));
        await ResultAsync(flow);

        var replaced = (await JobsOfAsync(flow))[1];
        Assert.Equal(42, await replaced.GetResultAsync<int>(Some.Timeout, Cancellation));
        Assert.Equal("42", await ResultAsync(ReplacementOf(replaced)));
    }

    [Fact]
    public async Task Chain_WhenAStepIsReplaced_GoesOnWithItsResultAndCallsBothCallbacks()
    {
        var (inner, outer) = (Note("inner"), Note("outer"));
        var replaced = Scripts.Add(context => throw context.ReplaceWith(Chain.Of(new Add(context.Input<int>())).OnSuccess(inner)));
        var flow = await EnqueueAsync(ChainOf(new Give(40), replaced, new Add(2)).OnSuccess(outer));

        Assert.Equal("42", await ResultAsync(flow));
        await QuietAsync(flow);
        Assert.Equal((1, 1), (Scripts.RunsOf(inner), Scripts.RunsOf(outer)));
    }

    [Fact]
    public async Task Chain_WhenWhatReplacesAStepFails_FailsAndCallsBothErrorCallbacks()
    {
        var (inner, outer, next) = (Note("inner"), Note("outer"), Note("never"));
        var replaced = ReplacedBy(ChainOf(new Give(1), new Break("in there")).OnError(inner));
        var flow = await EnqueueAsync(ChainOf(new Give(40), replaced, next).OnError(outer));

        Assert.Equal("in there", (await FailureAsync(flow)).ErrorMessage);
        Assert.Equal((1, 1, 0), (Scripts.RunsOf(inner), Scripts.RunsOf(outer), Scripts.RunsOf(next)));
    }

    [Fact]
    public async Task Chain_WhenItBeginsWithAChainWithACallback_CallsItOnce()
    {
        var (callback, errback) = (Scripts.Add(context => Noted($"{context.Input<int>()}")), Note("never"));
        var flow = await EnqueueAsync(ChainOf(ChainOf(new Give(1), new Add(2)).OnSuccess(callback).OnError(errback), new Add(3)));

        Assert.Equal("6", await ResultAsync(flow));
        await QuietAsync(flow);
        Assert.Equal(["3"], _notes);
    }

    [Fact]
    public async Task ReplaceWith_WhenThereIsNothing_FailsTheJob()
    {
        var failed = await FailureAsync(await EnqueueAsync(ChainOf(new Give(1), ReplacedBy(null!).With(new EnqueueOptions { MaxRetries = 0 }))));

        Assert.Equal("System.ArgumentNullException", failed.ErrorType);
    }

    [Theory]
    [InlineData("the chain's, a step replaced", "42")]
    [InlineData("the step's that is replaced", "42")]
    [InlineData("the group's, a member replaced", "[42,1]")]
    [InlineData("the member's that is replaced", "[42,1]")]
    public async Task OnSuccess_WhenSomethingIsReplaced_RunsOnce(string whose, string result)
    {
        var callback = Note("called");
        Flow shape = whose switch
        {
            "the chain's, a step replaced" => ChainOf(new AddReplaced(42), new Pass()).OnSuccess(callback),
            "the step's that is replaced" => ChainOf(new AddReplaced(42).OnSuccess(callback), new Pass()),
            "the group's, a member replaced" => Group.Of<int>(new AddReplaced(42), new Give(1)).OnSuccess(callback),
            _ => Group.Of<int>(new AddReplaced(42).OnSuccess(callback), new Give(1)),
        };
        var flow = await EnqueueAsync(shape);

        Assert.Equal(result, await ResultAsync(flow));
        await QuietAsync(flow);
        Assert.Equal(1, Scripts.RunsOf(callback));
    }

    [Theory]
    [InlineData("the chain's, a step replaced")]
    [InlineData("the step's that is replaced")]
    [InlineData("the group's, a member replaced")]
    [InlineData("the member's that is replaced")]
    public async Task OnError_WhenSomethingIsReplaced_RunsOnce(string whose)
    {
        var callback = NoteError();
        Flow shape = whose switch
        {
            "the chain's, a step replaced" => ChainOf(new AddReplaced(42), new Break("no")).OnError(callback),
            "the step's that is replaced" => ChainOf(new BreakReplaced("no").OnError(callback), new Pass()),
            "the group's, a member replaced" => Group.Of<int>(new AddReplaced(42), new Break("no")).OnError(callback),
            _ => Group.Of<int>(new BreakReplaced("no").OnError(callback), new Give(42)),
        };
        var flow = await EnqueueAsync(shape);

        Assert.Equal("no", (await FailureAsync(flow)).ErrorMessage);
        Assert.Equal([(await flow.GetInfoAsync(Cancellation))!.Error!.JobId], _notes);
    }

    [Fact]
    public async Task ReplaceWith_WhenReplacementsReplaceThemselves_RunsAllInTheirOrder()
    {
        var innermost = Scripts.Add(context => Noted(context.FlowId!));
        var second = ReplacedBy(ChainOf(Note("In B"), innermost, Note("Out B")));
        var first = ReplacedBy(ChainOf(Note("In A"), second, Note("Out A")));

        var handle = await EnqueueAsync(first);

        Assert.Equal("Out A", await handle.ResultAsync());
        Assert.Equal(["In A", "In B", $"{handle.Id.Split('~')[2]}.r0-0.2.r1-0", "Out B", "Out A"], _notes);
    }

    [Fact]
    public async Task ReplaceWith_WhenTheReplacementIsForAnotherQueue_RunsThereAndTheChainGoesOn()
    {
        var replaced = ReplacedBy(Scripts.Add(context => Noted(context.Queue)).With(new EnqueueOptions { Queue = "low" }));

        var result = await ResultAsync(ChainOf(replaced, Scripts.Add(context => $"{context.Input<string>()}, then {context.Queue}")));

        Assert.Equal(("\"low, then default\"", "low"), (result, Assert.Single(_notes)));
    }
}
