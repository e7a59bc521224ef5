using Krewe.Cluster.Tests.Flows;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.FromCelery;

public abstract partial class CeleryFlowTests
{
    private static readonly FlowOptions Stamped = new() { Headers = Stamp("stamp", "42") };

    /// <summary>A chain, a group and a chord in each of the three.</summary>
    public static TheoryData<string, Flow> Pairings => new()
    {
        { "3", ChainOf(ChainOf(new Give(1), new Add(2))) },
        { "[1,2]", ChainOf(Group.Of(new Give(1), new Give(2))) },
        { "3", ChainOf(Chord.Of(new Give(1), new Give(2)).Then(new Sum())) },
        { "[3]", Group.Of(ChainOf(new Give(1), new Add(2))) },
        { "[[1,2]]", Group.Of(Group.Of(new Give(1), new Give(2))) },
        { "[3]", Group.Of(Chord.Of(new Give(1), new Give(2)).Then(new Sum())) },
        { "[7]", Chord.Of(ChainOf(new Give(1), new Add(2))).Then(ChainOf(new Pass(), new AddToEach(4))) },
        { "[[[1,2]],[[1,2]]]", Chord.Of(Group.Of(new Give(1), new Give(2))).Then(Group.Of(new Pass(), new Pass())) },
        { "6", Chord.Of(Chord.Of(new Give(1), new Give(2)).Then(new Sum())).Then(Chord.Of(new Sum(), new Sum()).Then(new Sum())) },
    };

    /// <summary>Flows of every shape.</summary>
    public static TheoryData<Flow> Canvases =>
    [
        ChainOf(new Give(2)),
        Group.Of(new Give(2), new Give(4)),
        ChainOf(new Give(2), new Add(4)),
        Chord.Of(new Give(2), new Give(4)).Then(new Sum()),
        ChainOf(Group.Of(new Give(0)), new AddToEach(-1)),
        ChainOf(ChainOf(new Give(2), new Add(10))),
        Group.Of(ChainOf(new Give(2), new Add(10)), ChainOf(new Give(4), new Add(20))),
        ChainOf(ChainOf(new Give(2), new Add(10)), ChainOf(new Add(2), new Add(20))),
        Chord.Of(ChainOf(new Give(2), new Add(10)), ChainOf(new Give(4), new Add(20))).Then(new Pass()),
        ChainOf(ChainOf(ChainOf(new Give(2), new Add(10)), ChainOf(new Add(2), new Add(20))), ChainOf(new Add(3), new Add(30))),
        Chord.Of(Group.Of(ChainOf(new Give(2), new Add(2)), Chord.Of(new Give(6), new Give(8)).Then(new Sum()))).Then(new Pass()),
    ];

    [Theory]
    [MemberData(nameof(Pairings))]
    public async Task Flow_InAFlow_GivesItsResult(string result, Flow flow) => Assert.Equal(result, await ResultAsync(flow));

    [Theory]
    [MemberData(nameof(Canvases))]
    public async Task Headers_OfAFlow_AreOnEveryJob(Flow shape)
    {
        var flow = await EnqueueAsync(shape, Stamped);
        await ResultAsync(flow);

        var jobs = await JobsOfAsync(flow);
        Assert.NotEmpty(jobs);
        Assert.All(await Task.WhenAll(jobs.Select(job => job.InfoAsync())), info => Assert.Equal(Stamped.Headers, info.Headers));
    }

    [Fact]
    public async Task Headers_WhenTheyAreNamedLikeOptions_AreHeadersAlone()
    {
        var plain = await EnqueueAsync(ChainOf(new Give(1)));
        var stamped = await EnqueueAsync(ChainOf(new Give(1)), new FlowOptions { Headers = new Dictionary<string, string> { ["priority"] = "9", ["queue"] = "low", ["list"] = "[1,2]" } });
        await ResultAsync(plain);
        await ResultAsync(stamped);

        var (without, with) = (await (await JobsOfAsync(plain))[0].InfoAsync(), await (await JobsOfAsync(stamped))[0].InfoAsync());
        Assert.Equal((without.Queue, without.Priority, without.MaxRetries), (with.Queue, with.Priority, with.MaxRetries));
        Assert.Equal(("9", "low", "[1,2]", 3), (with.Headers["priority"], with.Headers["queue"], with.Headers["list"], with.Headers.Count));
        Assert.Empty(without.Headers);
    }

    [Fact]
    public async Task Headers_WhenAJobIsReplaced_AreTheOldAndTheNewOnes()
    {
        var replaced = ReplacedBy(ChainOf(NoteHeaders("plain"), NoteHeaders("own").With(new EnqueueOptions { Headers = Stamp("new", "7") })).OnSuccess(NoteHeaders("callback")));
        var flow = await EnqueueAsync(ChainOf(replaced, NoteHeaders("next")), Stamped);

        await ResultAsync(flow);

        await QuietAsync(flow);
        Assert.Equal(["callback stamp=42", "next stamp=42", "own new=7 stamp=42", "plain stamp=42"], _notes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Headers_WhenAMemberAddsToItsGroup_AreOnWhatItAdds()
    {
        var adder = Scripts.Add(async (context, _) =>
        {
            await context.AddToGroup(NoteHeaders("added"));
            return "adder";
        });
        var flow = await EnqueueAsync(Group.Of(adder), Stamped);

        Assert.Equal("[\"adder\",\"added stamp=42\"]", await ResultAsync(flow));
    }

    [Fact]
    public async Task Headers_WhenAFlowIsSentAgainWithCallbacksAndOthers_AreTheOthersThroughout()
    {
        var first = await EnqueueAsync(ChainOf(new Give(1)), Stamped);
        var linked = ChainOf(new Give(1).OnSuccess(NoteHeaders("step")), Fails.OnError(NoteHeaders("error"))).OnError(NoteHeaders("flow"));
        var second = await EnqueueAsync(linked, new FlowOptions { Headers = Stamp("stamp", "1234") });
        await ResultAsync(first);
        await FailureAsync(second);

        Assert.Equal(["error stamp=1234", "flow stamp=1234", "step stamp=1234"], _notes.Order(StringComparer.Ordinal));
        Assert.Equal("42", (await (await JobsOfAsync(first))[0].InfoAsync()).Headers["stamp"]);
    }

    [Fact]
    public async Task Headers_WhenACallbackHasItsOwn_AreOnItWithTheFlowsAndTheResultIsTheSame()
    {
        var callback = NoteHeaders("callback").With(new EnqueueOptions { Headers = Stamp("on_callback", "yes") });
        var flow = await EnqueueAsync(ChainOf(new Give(40), new Add(2)).OnSuccess(callback), Stamped);

        Assert.Equal("42", await ResultAsync(flow));

        await QuietAsync(flow);
        Assert.Equal(["callback on_callback=yes stamp=42"], _notes);
    }

    [Fact]
    public async Task Headers_WhenAStepRetries_StayOnIt()
    {
        var flaky = Scripts.Add(context => context.Attempt == 1 ? throw new IOException("Once.") : context.Headers["stamp"]);

        Assert.Equal("\"42\"", await ResultAsync(await EnqueueAsync(ChainOf(flaky.With(new EnqueueOptions { Retry = AtOnce })), Stamped)));
    }

    /// <summary>A job that notes its headers, in order.</summary>
    private Scripted NoteHeaders(string text) =>
        Scripts.Add(context => Noted($"{text} {string.Join(' ', context.Headers.Select(header => $"{header.Key}={header.Value}").Order(StringComparer.Ordinal))}"));

    private static Dictionary<string, string> Stamp(string name, string value) => new() { [name] = value };
}
