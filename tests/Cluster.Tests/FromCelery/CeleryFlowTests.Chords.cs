using Krewe.Cluster.Tests.Flows;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.FromCelery;

public abstract partial class CeleryFlowTests
{
    /// <summary>Chords in chords, in chains and beside each other, and what they give.</summary>
    public static TheoryData<string, Flow> Chords => new()
    {
        { "[[3,7,5],[13,10]]", Chord.Of(Chord.Of(new Give(3), new Give(7)).Then(new Append(5)), Chord.Of(new Give(13)).Then(new Append(10))).Then(new Pass()) },
        { "[[[[3,3],4],5],6]", ChainOf(Group.Of(ChainOf(Group.Of(ChainOf(Group.Of(ChainOf(Group.Of(new Give(3)), new Append(3))), new Append(4))), new Append(5))), new Append(6)) },
        { "[10,10]", Group.Of(Times(2, Chord.Of(new Give(3), new Give(7)).Then(new Sum()))) },
        { "4", Chord.Of(Times(2, ChainOf(new Give(3), Chord.Of(new Give(3), new Give(3)).Then(new Give(3))))).Then(new Give(4)) },
        { "7", ChainOf(new Give(1), Chord.Of(new Give(2), ChainOf(new Give(3), Chord.Of(new Give(4), new Give(5)).Then(new Give(6)))).Then(new Give(7))) },
        { "11", ChainOf(new Give(1), Group.Of(new Give(101), ChainOf(new Give(201), Group.Of(new Give(1001), new Give(2001)))), new Give(11)) },
        { "[[42,42]]", Chord.Of(Group.Of(new Give(42), new Give(42))).Then(new Pass()) },
        { "[[42,42]]", Chord.Of(ChainOf(new Give(42), Group.Of(new Pass(), new Pass()))).Then(new Pass()) },
        { "[13,14,15,16]", ChainOf(new Give(5), Group.Of(new Add(0), new Add(1), new Add(2), new Add(3)), new AddToEach(8)) },
        { "[1,1]", ChainOf(new Give(1), ChainOf(Chord.Of(new Pass(), new Pass()).Then(new Pass()), new Pass())) },
        { "1", ChainOf(new Give(1), ChainOf(ChainOf(new Pass(), new Pass()))) },
    };

    [Theory]
    [MemberData(nameof(Chords))]
    public async Task Chord_WhereverItStands_GivesItsResult(string result, Flow flow) => Assert.Equal(result, await ResultAsync(flow));

    [Fact]
    public async Task AddToGroup_WhenAMemberAddsAChord_TheBodySeesItsResult()
    {
        var adder = Scripts.Add(async (context, _) =>
        {
            await context.AddToGroup(Chord.Of(new Give(5), new Give(6), new Give(7)).Then(new Sum()));
            return "added";
        });

        Assert.Equal("[\"added\",18]", await ResultAsync(ChainOf(Group.Of(adder), new Pass())));
    }

    [Fact]
    public async Task Chain_WhenItsStepsHavePriorities_TheyAreDeliveredWithThem()
    {
        var flow = await EnqueueAsync(ChainOf(new Give(1).With(new EnqueueOptions { Priority = 3 }), new Give(2), new Give(3).With(new EnqueueOptions { Priority = 5 })));
        await ResultAsync(flow);

        var infos = await Task.WhenAll((await JobsOfAsync(flow)).Select(job => job.InfoAsync()));
        Assert.Equal([3, await PriorityOfAnyAsync(), 5], infos.Select(info => info.Priority));
    }

    [Fact]
    public async Task Chords_WhenManyHaveBodiesForAnotherQueue_AllRunThere()
    {
        var body = Scripts.Add(context => context.Queue);
        var chord = Chord.Of(Times(20, new Give(1))).Then(body.With(new EnqueueOptions { Queue = "low" }));

        var results = await Task.WhenAll(Times(50, chord).Select(ResultAsync));

        Assert.Equal(Times(50, "\"low\""), results);
        Assert.Equal(50, Scripts.RunsOf(body));
    }

    [Fact]
    public async Task Chord_WhenAMemberEndsWellAtItsSoftLimit_RunsTheBodyWithItsValue()
    {
        var guarded = Scripts.Add(async (_, token) =>
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Gate().PassAsync(token));
            return "in time";
        });

        Assert.Equal("[3,\"in time\"]", await ResultAsync(Chord.Of(new Give(3), guarded.With(new EnqueueOptions { SoftTimeLimit = Some.Moment })).Then(new Pass())));
    }

    private async Task<int> PriorityOfAnyAsync() => (await (await Jobs.EnqueueAsync(new Give(1), cancellationToken: Cancellation)).InfoAsync()).Priority;
}
