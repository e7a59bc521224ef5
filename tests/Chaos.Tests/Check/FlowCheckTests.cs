using Krewe.Chaos.Check;
using Krewe.Chaos.Jobs;
using Xunit;

namespace Krewe.Chaos.Tests.Check;

public sealed class FlowCheckTests
{
    private const string Silo = "10.0.0.1:1@1";
    private const string OtherSilo = "10.0.0.2:1@1";
    private const int Process = 1;

    private static readonly string[] Jobs = ["chords~0~c.1", "chords~1~c.2", "chords~2~c.3", "chords~3~c.4"];
    private static readonly string Body = Jobs[2];

    [Fact]
    public void Of_WhenEveryJobRanOnceInItsTurn_HoldsAndCountsThem()
    {
        var verdict = Judge(Chord());

        Assert.True(verdict.Holds);
        Assert.Equal((1, 1, 2, 1, 0), (verdict.Flows.Acknowledged, verdict.Flows.Succeeded, verdict.Flows.Members, verdict.Flows.BodiesOnce, verdict.Flows.BodiesAgain));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(JobState.Running)]
    public void Of_WhenAChordIsUnknownOrNotFinal_ItIsLost(JobState? state)
    {
        var verdict = Judge(Chord() with { State = state });

        Assert.StartsWith("c is", Assert.Single(verdict.Flows.Lost), StringComparison.Ordinal);
        Assert.False(verdict.Holds);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Of_WhenAChordSucceededThoughAJobDidNotComplete_ItIsLost(int job)
    {
        var verdict = Judge(Chord(), [.. Runs().Where(run => run.JobId != Jobs[job])]);

        Assert.Contains(Jobs[job], Assert.Single(verdict.Flows.Lost), StringComparison.Ordinal);
        Assert.False(verdict.Holds);
    }

    [Theory]
    [InlineData(JobState.Failed)]
    [InlineData(JobState.Cancelled)]
    public void Of_WhenAChordDidNotSucceed_ItIsWrong(JobState state) => ShouldBeWrong($"is {state}", Chord() with { State = state });

    [Fact]
    public void Of_WhenTheBodyReceivedAnotherOrder_ItIsWrong() => ShouldBeWrong("received [8, 7], expected [7, 8]", Chord() with { Result = [8, 7] });

    [Fact]
    public void Of_WhenTheBodyReceivedLess_ItIsWrong() => ShouldBeWrong("received [7]", Chord() with { Result = [7] });

    [Fact]
    public void Of_WhenTheResultCannotBeRead_ItIsWrong() => ShouldBeWrong("no result", Chord() with { Result = null });

    [Fact]
    public void Of_WhenAnEndIsNotTold_ItIsWrong() => ShouldBeWrong($"missing: {Body}", Chord() with { Ends = [Jobs[0], Jobs[1], Jobs[3]] });

    [Fact]
    public void Of_WhenAnEndIsToldTwice_ItIsWrong() => ShouldBeWrong("told of 5 ends, of 4 jobs", Chord() with { Ends = [.. Jobs, Body] });

    [Fact]
    public void Of_WhenBothOutcomesAreTold_ItIsWrong()
    {
        var error = new ChordJob("chords~0~c.5", ChordPart.Error);

        ShouldBeWrong("callback for errors", Chord() with { Jobs = [.. Chord().Jobs, error] }, [.. Runs(), Run(error.JobId, 5)]);
    }

    [Fact]
    public void Of_WhenABodyRunsAgainThoughItHadEnded_DoesNotHold()
    {
        var verdict = Judge(Chord(), [.. Runs(), Run(Body, 9)]);

        Assert.Equal((0, 1, 1), (verdict.Flows.BodiesOnce, verdict.Flows.BodiesAgain, verdict.CountOfChords(RepeatKind.AfterItsEnd)));
        Assert.False(verdict.Holds);
    }

    [Fact]
    public void Of_WhenABodyCompletedOnASiloThatDied_ItsSecondRunIsNoFault()
    {
        var verdict = Judge(Chord(), [.. Runs(), Run(Body, 9) with { Silo = OtherSilo }], new Dictionary<string, TimeSpan> { [Silo] = S(8) });

        Assert.Equal((0, 1, 1), (verdict.Flows.BodiesOnce, verdict.Flows.BodiesAgain, verdict.CountOfChords(RepeatKind.AfterDeath)));
        Assert.True(verdict.Holds);
    }

    [Fact]
    public void Of_WhenASiloIsKilled_CountsWhatItRanThen()
    {
        var cut = new[] { Run(Jobs[0], 10) with { EndedAt = null, End = null }, Run(Body, 10) with { EndedAt = null, End = null } };

        var verdict = Judge(Chord(), [.. Runs(), .. cut], strikes: [new Strike("flows", Process, S(11))]);

        Assert.Equal((1, 1), (verdict.Flows.MembersMet, verdict.Flows.BodiesMet));
    }

    [Fact]
    public void Of_WhenOutcomesWereDropped_CountsThoseOfChords() =>
        Assert.Equal(1, LedgerCheck.Of(new Evidence { Acknowledged = [], Executions = [], Fenced = ["default~0~a", Body] }).Flows.Fenced);

    private static void ShouldBeWrong(string why, FlowAcknowledgement chord, IReadOnlyList<HandlerRun>? runs = null)
    {
        var verdict = Judge(chord, runs);

        Assert.Contains(why, Assert.Single(verdict.Flows.Wrong), StringComparison.Ordinal);
        Assert.False(verdict.Holds);
    }

    private static Verdict Judge(FlowAcknowledgement chord, IReadOnlyList<HandlerRun>? runs = null, Dictionary<string, TimeSpan>? deaths = null, Strike[]? strikes = null) =>
        LedgerCheck.Of(new Evidence { Acknowledged = [], Executions = runs ?? Runs(), Flows = [chord], Deaths = deaths ?? [], Strikes = strikes ?? [] });

    private static FlowAcknowledgement Chord() => new("c", [7, 8])
    {
        Jobs = [new(Jobs[0], ChordPart.Member), new(Jobs[1], ChordPart.Member), new(Jobs[2], ChordPart.Body), new(Jobs[3], ChordPart.Success)],
        State = JobState.Succeeded,
        Result = [7, 8],
        Ends = Jobs,
    };

    private static HandlerRun[] Runs() => [.. Jobs.Select((job, index) => Run(job, index))];

    private static HandlerRun Run(string job, double at) => new(job, 1, $"t{at}", Process, Silo, S(at)) { EndedAt = S(at + 0.5), End = ExecutionEnd.Completed };

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);
}
