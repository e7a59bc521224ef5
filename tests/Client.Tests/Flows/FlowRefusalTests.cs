using System.Text.Json;
using Krewe.Client.Tests.Fakes;
using Krewe.Flows;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Client.Tests.Flows;

/// <summary>What cannot work is refused, with its place and what to do.</summary>
public sealed class FlowRefusalTests
{
    private static readonly Pay APay = new("1", Colour.Red);

    private readonly FlowCompiler _compiler = new FakeCluster().Services().GetRequiredService<FlowCompiler>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<IFlowStep, string> Steps => new()
    {
        { new NoStep(), "At the flow: a step must be a job or a flow, got Krewe.Client.Tests.Fakes.NoStep; let it implement IJob, or make it with Chain, Group or Chord." },
        { Group.Of(new Plain(1), null!), "At group[1]: a step must be a job or a flow, got null; leave it out." },
        { Chain.Of(new Count()).Then(Chord.Of(new Count(), new Count().OnError(new NoStep())).Then(new Sum())), "At chain[1].header[1].onError: a step must be a job or a flow, got Krewe.Client.Tests.Fakes.NoStep" },
        { Chord.Of(new Count()).Then(new NoStep()), "At body: a step must be a job or a flow" },
        { Group.Of(new Count()).OnSuccess(new Plain(1)).OnSuccess(Chain.Of(new NoStep())), "At onSuccess[1].chain[0]: a step must be a job or a flow" },
        { Group.Of(new Count()).OnError(new NoStep()).Then(new Sum()), "At header.onError: a step must be a job or a flow" },
        { Chain.Of(Group.Of(Group.Of(new Count(), null!))), "At chain[0].group[0].group[1]: a step must be a job or a flow, got null" },
        { Group.Of(new Unnamed()), "At group[0]: Krewe.Client.Tests.Fakes.Unnamed cannot be a job: it must carry [Job(\"name\")]" },
        { Chain.Of(new Plain(1).With(new EnqueueOptions { Priority = 12 })), "At chain[0]: Priority must be 0..9, got 12; 9 runs first." },
        { Chain.Of(new Plain(1).With(new EnqueueOptions { UniqueKey = "k" })), "At chain[0]: UniqueKey must be left out of a step, got 'k', as the ids of a flow are fixed; set FlowOptions.Id or the step's Id." },
        { Group.Of(new Plain(1).With(new EnqueueOptions { Id = "x" }), new Plain(1).With(new EnqueueOptions { Id = "x" })), "At group[1]: Id must be used once in a flow and queue, got 'x' a second time; give each step its own, or leave it out." },
        { new Plain(1).With(new EnqueueOptions { Id = "f-1.3" }), "At the flow: Id must not be the flow's id with a number, got 'f-1.3', as the flow names its jobs so; use another id." },
        { Chain.Of(new NamedStep("a.b", JsonElement.Parse("[]"))), "At chain[0]: Args of 'a.b' must be a JSON object, got Array; wrap the value in an object." },
        { Chain.Of(new NamedStep("a b", JsonElement.Parse("{}"))), "At chain[0]: jobName must be 1..100 characters of [A-Za-z0-9._-], got 'a b'" },
        { Chain.Of(new Sum()), "At chain[0]: the input of Krewe.Client.Tests.Fakes.Sum must be System.Int32[], as its IReceives says, got none, as no step comes before it; put one there that yields System.Int32[], or take IReceives away." },
        { Group.Of(new Anything()), "At group[0]: the input of Krewe.Client.Tests.Fakes.Anything must be System.Object, as its IReceives says, got none" },
        { Chain.Of(new Count()).Then(new Bill()), "At chain[1]: the input of Krewe.Client.Tests.Fakes.Bill must be Krewe.Client.Tests.Fakes.Receipt, as its IReceives says, got System.Int32; put a step before it that yields Krewe.Client.Tests.Fakes.Receipt, or declare IReceives<System.Int32>." },
        { Chord.Of(APay, APay).Then(new Sum()), "At body: the input of Krewe.Client.Tests.Fakes.Sum must be System.Int32[], as its IReceives says, got Krewe.Client.Tests.Fakes.Receipt[]" },
        { Chain.Of(Group.Of(APay)).Then(new Bill()), "At chain[1]: the input of Krewe.Client.Tests.Fakes.Bill must be Krewe.Client.Tests.Fakes.Receipt, as its IReceives says, got Krewe.Client.Tests.Fakes.Receipt[]" },
        { Chain.Of(new Count()).Then(Group.Of(new Plain(1), new Bill())), "At chain[1].group[1]: the input of Krewe.Client.Tests.Fakes.Bill must be" },
        { Chain.Of(APay).Then(new Either()), "At chain[1]: the input of Krewe.Client.Tests.Fakes.Either must be System.String or System.Int32, as its IReceives says" },
        { Chain.Of(new Count().OnError(new Sum())), "At chain[0].onError: the input of Krewe.Client.Tests.Fakes.Sum must be System.Int32[], as its IReceives says, got Krewe.FlowError" },
        { new Count().OnSuccess(new Alert()), "At onSuccess: the input of Krewe.Client.Tests.Fakes.Alert must be Krewe.FlowError, as its IReceives says, got System.Int32" },
        { FlowCompilerTests.Nested(65), "chain[0]: a flow must have at most 64 levels, got more; flatten it, or let one of its jobs enqueue the rest as a flow of its own." },
        { FlowCompilerTests.Nested(100_000), "a flow must have at most 64 levels, got more" },
        { Endless(), "a flow must have at most 64 levels, got more" },
        { Chain.Of(Group.Of(new Plain[1_000_001])), "At chain[0]: a flow must have at most 1,000,000 jobs, got 1,000,001; split it into several flows, or give each job more to do." },
        { Group.Of(Broken()), "At group[1]: the members of a group must be readable to their end, got FormatException: row 2 is broken. Mend what makes them, then enqueue the flow again." },
        { Chord.Of(Broken().ToAsyncEnumerable()).Then(new Sum()), "At header[1]: the members of a group must be readable to their end, got FormatException: row 2 is broken." },
    };

    [Theory]
    [MemberData(nameof(Steps), DisableDiscoveryEnumeration = true)]
    public async Task CompileAsync_WhenAStepCannotWork_NamesItsPlaceAndWhatToDo(IFlowStep flow, string expected)
    {
        var exception = await Assert.ThrowsAsync<InvalidJobException>(() => CompileAsync(flow));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    public static TheoryData<IFlowStep> Fitting => new()
    {
        Chain.Of(APay).Then(new Bill()),
        Chain.Of(Group.Of(APay)).Then(new Bills()),
        Chord.Of(new Count(), new Count()).Then(new Sum()),
        Chord.Of(new Count(), new Plain(1)).Then(new Sum()),
        Chord.Of().Then(new Sum()),
        Chain.Of(new Plain(1)).Then(new Bill()),
        Chain.Of((IFlowStep)Chain.Of((IFlowStep)new Count())).Then(new Bill()),
        Chain.Of(new Count()).Then(new Anything()),
        Chain.Of(new Count()).Then(new Either()),
        Chain.Of(APay).Then(Chord.Of(new Bill()).Then(new Anything())),
        Chain.Of(new Count()).OnError(new Alert()).OnSuccess(new Either()),
        Group.Of(new Count()).OnSuccess(new Sum()).OnError(Chain.Of(new Alert()).Then(new Sum())),
        Group.Of(new Count().With(new EnqueueOptions { Id = "x" }), new Plain(1).With(new EnqueueOptions { Id = "x", Queue = "low" }), new Plain(1).With(new EnqueueOptions { Id = "f-1.a" })),
    };

    [Theory]
    [MemberData(nameof(Fitting), DisableDiscoveryEnumeration = true)]
    public async Task CompileAsync_WhenInputsFitOrNobodyCanTell_Accepts(IFlowStep flow)
    {
        await CompileAsync(flow);
    }

    [Fact]
    public async Task CompileAsync_WhenMoreThanAMillionJobsCome_RefusesTheNext()
    {
        var flow = Chain.Of(new NamedStep("a.b", JsonElement.Parse("{}"))).Then(Group.Of(Enumerable.Range(0, 2_000_000).Select(number => new Count(number))));

        var exception = await Assert.ThrowsAsync<InvalidJobException>(() => CompileAsync(flow));

        Assert.Equal("At chain[1].group[999999]: a flow must have at most 1,000,000 jobs, got more; split it into several flows, or give each job more to do.", exception.Message);
    }

    [Fact]
    public async Task CompileAsync_WhenArgsOrQueueAreRefused_NamesThePlaceInTheirOwnException()
    {
        var large = await Assert.ThrowsAsync<PayloadTooLargeException>(() => CompileAsync(Group.Of(new Alert(new string('x', 2_000_000)))));
        var unknown = await Assert.ThrowsAsync<UnknownQueueException>(() => CompileAsync(Group.Of(new Plain(1).With(new EnqueueOptions { Queue = "nowhere" }))));

        Assert.StartsWith("At group[0]: args may have 1048576 bytes, got ", large.Message, StringComparison.Ordinal);
        Assert.StartsWith("At group[0]: there is no queue 'nowhere'; ", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_WhenTheBodyOfALazyHeaderCannotWork_RefusesItWithoutReading()
    {
        var reads = 0;
        IEnumerable<Pay> Members()
        {
            reads++;
            yield return APay;
        }

        var flow = Chord.Of(Members()).Then(new Sum());

        var exception = await Assert.ThrowsAsync<InvalidJobException>(() => _compiler.CheckAsync(flow, new FlowTarget("f-1"), Cancellation));

        Assert.StartsWith("At body: the input of Krewe.Client.Tests.Fakes.Sum must be System.Int32[]", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, reads);
    }

    [Theory]
    [InlineData(typeof(int[]), typeof(int[]), true)]
    [InlineData(typeof(List<int>), typeof(int[]), true)]
    [InlineData(typeof(IEnumerable<object>), typeof(int[]), true)]
    [InlineData(typeof(long[]), typeof(int[]), false)]
    [InlineData(typeof(string), typeof(char[]), false)]
    [InlineData(typeof(int?), typeof(int), true)]
    [InlineData(typeof(Exception), typeof(KreweException), true)]
    [InlineData(typeof(KreweException), typeof(Exception), false)]
    [InlineData(typeof(JsonElement), typeof(int), true)]
    [InlineData(typeof(int), typeof(JsonElement), true)]
    [InlineData(typeof(int[][]), typeof(object[]), true)]
    [InlineData(typeof(int), typeof(object[]), false)]
    [InlineData(typeof(object), typeof(void), false)]
    public void Fits_ForTypes_SaysWhetherOneReadsAsTheOther(Type wanted, Type given, bool expected)
    {
        Assert.Equal(expected, FlowTypes.Fits(wanted, given));
    }

    private async Task CompileAsync(IFlowStep flow)
    {
        await foreach (var _ in _compiler.CompileAsync(flow, new FlowTarget("f-1"), Cancellation))
        {
        }
    }

    private static Group<object?> Endless()
    {
        Group<object?> self = null!;
        IEnumerable<IFlowStep> Itself()
        {
            yield return self;
        }

        return self = Group.Of(Itself());
    }

    private static IEnumerable<Count> Broken()
    {
        yield return new Count();
        throw new FormatException("row 2 is broken.");
    }
}
