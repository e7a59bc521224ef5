using Krewe.Client.Tests.Fakes;
using Krewe.Flows;
using Xunit;

namespace Krewe.Client.Tests.Flows;

/// <summary>Above all that it compiles: every overload with every kind of argument, to the type that is written on the left.</summary>
public sealed class FlowBuilderTests
{
    private static readonly Pay[] Pays = [new("1", Colour.Red), new("2", Colour.Blue)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Chain_OfEveryKindOfStep_HasTheResultOfItsLast()
    {
        Chain<Receipt> typed = Chain.Of(Pays[0]);
        Chain<object?> plain = Chain.Of(new Plain(1));
        Chain<int> longer = Chain.Of(new Plain(1)).Then(Pays[0]).Then(new Count());
        Chain<object?> ends = longer.Then(new Plain(2));
        Chain<Receipt[]> withGroup = Chain.Of(new Count()).Then(Group.Of(Pays));
        Chain<int> withChord = Chain.Of(new Count()).Then(Chord.Of(Pays).Then(new Count()));
        Chain<string> withChain = Chain.Of(Chain.Of(Pays[0])).Then(Chain.Of(new Bill()));
        Chain<Receipt> withStep = Chain.Of(Pays[0].With(new EnqueueOptions { Priority = 1 }));
        Chain<object?> untyped = Chain.Of((IFlowStep)Pays[0]);

        Assert.All(new Flow[] { typed, plain, longer, ends, withGroup, withChord, withChain, withStep, untyped }, chain => Assert.NotEmpty(Assert.IsType<ChainShape>(chain.Shape).Last.ToSteps()));
        Assert.Equal(typeof(int), longer.ResultType);
        Assert.Equal(typeof(object), untyped.ResultType);
    }

    [Fact]
    public async Task Group_OfEveryKindOfCollection_HasAnArrayOfItsMembersResults()
    {
        Group<Receipt> arguments = Group.Of(Pays[0], Pays[1]);
        Group<Receipt> one = Group.Of(Pays[0]);
        Group<Receipt> array = Group.Of(Pays);
        Group<Receipt> list = Group.Of(Pays.ToList());
        Group<Receipt> query = Group.Of(Pays.Select(pay => pay with { Order = "3" }));
        Group<int> generator = Group.Of(Counts());
        Group<Receipt> expression = Group.Of([Pays[0], .. Pays]);
        Group<int> values = Group.Of(new Count(1), new Count(2));
        Group<int> async = Group.Of(LateCounts());
        Group<object?> asyncMixed = Group.Of(LateSteps());
        Group<object?> none = Group.Of();
        Group<object?> plain = Group.Of(new Plain(1), new Plain(2));
        Group<object?> plainList = Group.Of(new List<Plain> { new(1) });
        Group<object?> mixed = Group.Of(Pays[0], new Plain(1));
        Group<object?> mixedResults = Group.Of(Pays[0], new Count(1));
        Group<object?> mixedSteps = Group.Of(Pays[0].With(new EnqueueOptions()), Chain.Of(new Count()), new Plain(1).OnError(new Alert()), Group.Of(Pays));
        Group<object?> untyped = Group.Of(new List<IFlowStep> { Pays[0], new Plain(1) });
        Group<Receipt> sameResults = Group.Of<Receipt>(Pays[0], Chain.Of(Pays[1]), Pays[1].OnError(new Alert()));
        Group<int[]> groups = Group.Of(Group.Of(new Count()), Group.Of(new Count(), new Count()));
        Group<int> chords = Group.Of(Chord.Of(Pays).Then(new Count()));
        Group<Receipt> chains = Group.Of(Chain.Of(Pays[0]), Chain.Of(Pays[1]));

        Assert.Equal(typeof(Receipt[]), array.ResultType);
        Assert.Equal(typeof(int[][]), groups.ResultType);
        Flow[] all = [arguments, one, array, list, query, generator, expression, values, none, plain, plainList, mixed, mixedResults, mixedSteps, untyped, sameResults, groups, chords, chains];
        Assert.Equal([2, 1, 2, 2, 2, 3, 3, 2, 0, 2, 1, 2, 2, 4, 2, 3, 2, 1, 2], all.Select(group => Members(group).Now!.Count()));
        Assert.Null(Members(generator).Count);
        Assert.Equal(3, await Members(async).Later!.CountAsync(Cancellation));
        Assert.Equal(2, await Members(asyncMixed).Later!.CountAsync(Cancellation));
    }

    [Fact]
    public void Chord_OfEveryKindOfHeaderAndBody_HasTheResultOfItsBody()
    {
        Chord<int> typed = Chord.Of(new Count(1), new Count(2)).Then(new Sum());
        Chord<int> generator = Chord.Of(Counts()).Then(new Sum());
        Chord<int> async = Chord.Of(LateCounts()).Then(new Sum());
        Chord<object?> asyncMixed = Chord.Of(LateSteps()).Then(new Plain(1));
        Chord<string> expression = Chord.Of([Pays[0], Pays[1]]).Then(new Bills());
        Chord<object?> mixed = Chord.Of(Pays[0], new Count()).Then(new Plain(1));
        Chord<int> fromGroup = Group.Of(Counts()).Then(new Sum());
        Chord<object?> fromPlain = Group.Of(new Plain(1)).Then(new Plain(2));
        Chord<int[]> groupBody = Chord.Of(Pays).Then(Group.Of(new Count(), new Count()));
        Chord<int> chainBody = Chord.Of(Pays).Then(Chain.Of(new Bills()).Then(new Count()));
        Chord<int> chordBody = Chord.Of(Pays).Then(Chord.Of(Counts()).Then(new Sum()));
        Chord<object?> none = Chord.Of().Then(new Plain(1));
        Chord<int> nested = Chord.Of(typed, generator).Then(new Sum());
        Chord<int> stepBody = Chord.Of(Chain.Of(new Count()), Chain.Of(new Count())).Then(new Sum().With(new EnqueueOptions { Queue = "low" }));

        Flow[] all = [typed, generator, async, asyncMixed, expression, mixed, fromGroup, fromPlain, groupBody, chainBody, chordBody, none, nested, stepBody];
        Assert.All(all, chord => Assert.IsType<ChordShape>(chord.Shape));
        Assert.Equal(typeof(int[]), groupBody.ResultType);
        Assert.Equal(typeof(int[]), ((ChordShape)nested.Shape).Header.ResultType);
    }

    [Fact]
    public void Callbacks_OnEveryKindOfNode_GiveANewNodeOfItsType()
    {
        Chain<int> chain = Chain.Of(new Count());
        Group<int> group = Group.Of(new Count());
        Chord<int> chord = group.Then(new Sum());
        Chain<int> ownChain = chain.OnError(new Alert("a")).OnSuccess(new Plain(1)).OnError(Chain.Of(new Alert("b")));
        Group<int> ownGroup = group.OnSuccess(new Sum()).OnError(Group.Of(new Alert()));
        Chord<int> ownChord = chord.OnSuccess(chord).OnError(new Alert().OnError(new Alert()));
        Step<int> typed = new Count().OnError(new Alert()).OnSuccess(new Plain(1)).With(new EnqueueOptions { Priority = 3 });
        Step<int> success = new Count().OnSuccess(new Plain(1));
        Step plain = new Plain(1).OnSuccess(new Plain(2)).OnError(new Alert()).With(new EnqueueOptions());
        Step error = new Plain(1).OnError(new Alert());

        Assert.Equal(["a", "b"], ownChain.Callbacks.OnError.Select(callback => callback is Alert alert ? alert.To : "b"));
        Assert.Equal((1, 2), (ownChain.Callbacks.OnSuccess.Count, ownChain.Callbacks.OnError.Count));
        Assert.Equal((1, 1), (ownGroup.Callbacks.OnSuccess.Count, ownChord.Callbacks.OnError.Count));
        Assert.All(new Flow[] { chain, group, chord }, flow => Assert.Same(FlowCallbacks.None, flow.Callbacks));
        Assert.Equal((3, 1, 1), (Parts(typed).Options!.Priority, Parts(typed).Callbacks.OnError.Count, Parts(typed).Callbacks.OnSuccess.Count));
        Assert.Equal((1, 0), (Parts(success).Callbacks.OnSuccess.Count, Parts(success).Callbacks.OnError.Count));
        Assert.Equal((1, 1), (Parts(plain).Callbacks.OnSuccess.Count, Parts(error).Callbacks.OnError.Count));
    }

    [Fact]
    public void Then_OnAFlow_LeavesItAsItWasAndKeepsItsCallbacks()
    {
        var first = Chain.Of(new Count(1)).OnError(new Alert());
        var (left, right) = (first.Then(new Count(2)), first.Then(new Count(3)).Then(new Count(4)));

        Assert.Equal([1], Numbers(first));
        Assert.Equal([1, 2], Numbers(left));
        Assert.Equal([1, 3, 4], Numbers(right));
        Assert.Single(right.Callbacks.OnError);
    }

    [Fact]
    public void Builders_WhenGivenNull_Throw()
    {
        Assert.Throws<ArgumentNullException>(() => Chain.Of((IFlowStep)null!));
        Assert.Throws<ArgumentNullException>(() => Chain.Of(new Count()).Then((IFlowStep)null!));
        Assert.Throws<ArgumentNullException>(() => Group.Of((IEnumerable<IFlowStep>)null!));
        Assert.Throws<ArgumentNullException>(() => Group.Of((IAsyncEnumerable<IFlowStep>)null!));
        Assert.Throws<ArgumentNullException>(() => Group.Of(new Count()).Then((IFlowStep)null!));
        Assert.Throws<ArgumentNullException>(() => new Count().With(null!));
        Assert.Throws<ArgumentNullException>(() => ((IJob)null!).OnError(new Alert()));
        Assert.Throws<ArgumentNullException>(() => new Count().OnSuccess(null!));
    }

    private static IEnumerable<Count> Counts()
    {
        for (var number = 1; number <= 3; number++)
        {
            yield return new Count(number);
        }
    }

    private static IAsyncEnumerable<Count> LateCounts() => Counts().ToAsyncEnumerable();

    private static IAsyncEnumerable<IFlowStep> LateSteps() => new IFlowStep[] { new Plain(1), new Count() }.ToAsyncEnumerable();

    private static FlowMembers Members(Flow group) => Assert.IsType<GroupShape>(group.Shape).Members;

    private static StepParts Parts(IFlowStep step) => Assert.IsAssignableFrom<IJobStep>(step).Parts;

    private static IEnumerable<int> Numbers(Flow chain) => ((ChainShape)chain.Shape).Last.ToSteps().Select(step => ((Count)step).Number);
}
