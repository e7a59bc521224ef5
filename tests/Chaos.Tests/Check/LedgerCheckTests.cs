using Krewe.Chaos.Check;
using Krewe.Chaos.Jobs;
using Xunit;

namespace Krewe.Chaos.Tests.Check;

public sealed class LedgerCheckTests
{
    private const string Job = "default~0~a";
    private const string FirstSilo = "10.0.0.1:1@1";
    private const string SecondSilo = "10.0.0.2:1@1";
    private const int FirstProcess = 1;
    private const int SecondProcess = 2;

    [Fact]
    public void Of_WhenEveryJobRanOnce_HoldsAndCountsThem()
    {
        var verdict = LedgerCheck.Of(new Evidence { Acknowledged = [Acknowledged(JobState.Succeeded)], Executions = [First(10, 11)], Fenced = [Job, Job, Job] });

        Assert.True(verdict.Holds);
        Assert.Equal((1, 1, 3), (verdict.Acknowledged, verdict.Finished, verdict.Fenced.Count));
        Assert.Empty(verdict.Repeats);
        Assert.Empty(verdict.SpentAttempts);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(JobState.Queued)]
    [InlineData(JobState.Running)]
    [InlineData(JobState.Retrying)]
    public void Of_WhenAJobIsUnknownOrNotFinal_ItIsLost(JobState? state)
    {
        var verdict = LedgerCheck.Of(new Evidence { Acknowledged = [Acknowledged(state)], Executions = [First(10, 11)] });

        Assert.Equal([Job], verdict.Lost);
        Assert.False(verdict.Holds);
    }

    [Theory]
    [InlineData(ExecutionEnd.Failed)]
    [InlineData(ExecutionEnd.Stopped)]
    public void Of_WhenAJobSucceededThoughNoExecutionCompleted_ItIsLost(ExecutionEnd end)
    {
        var verdict = LedgerCheck.Of(new Evidence { Acknowledged = [Acknowledged(JobState.Succeeded)], Executions = [First(10, 11) with { End = end }] });

        Assert.Equal([Job], verdict.Lost);
    }

    [Fact]
    public void Of_WhenAJobSucceededWithoutAnyExecution_ItIsLost() =>
        Assert.Equal([Job], LedgerCheck.Of(new Evidence { Acknowledged = [Acknowledged(JobState.Succeeded)], Executions = [] }).Lost);

    [Theory]
    [InlineData(9.0, true)]
    [InlineData(8.5, true)]
    [InlineData(7.9, false)]
    [InlineData(9.1, false)]
    public void Of_WhenAJobIsUnknownAfterTheStoreWasKilled_OnlyTheLastSecondMayBeMissing(double acknowledgedAt, bool isForgiven)
    {
        var job = new Acknowledgement(Job, S(acknowledgedAt));

        var verdict = LedgerCheck.Of(new Evidence { Acknowledged = [job], Executions = [], StoreLosses = [S(9)] });

        Assert.Equal(isForgiven, verdict.Holds);
        Assert.Equal(isForgiven ? [Job] : [], verdict.LostWithTheStore);
    }

    [Fact]
    public void Of_WhenAJobStandsStillAfterTheStoreWasKilled_ItIsLost()
    {
        var job = new Acknowledgement(Job, S(9)) { State = JobState.Running };

        Assert.Equal([Job], LedgerCheck.Of(new Evidence { Acknowledged = [job], Executions = [], StoreLosses = [S(9)] }).Lost);
    }

    [Fact]
    public void Of_WhenASecondExecutionStartsWhileTheFirstRunsOnAMember_ItIsTheWorst()
    {
        var verdict = Repeated(First(10, 20), Second(15, 25));

        Assert.Equal(1, verdict.Count(RepeatKind.WhileAlive));
        Assert.False(verdict.Holds);
    }

    [Theory]
    [InlineData(14.9, RepeatKind.ByZombie)]
    [InlineData(15.0, RepeatKind.WhileAlive)]
    [InlineData(15.1, RepeatKind.WhileAlive)]
    public void Of_WhenTheFirstSiloWasDeclaredDead_ItsLastInstantAsAMemberDecides(double lastSeen, RepeatKind kind)
    {
        var verdict = Repeated(First(10, 20), Second(15, 25), (FirstSilo, lastSeen));

        Assert.Equal(kind, Assert.Single(verdict.Repeats).Kind);
    }

    [Theory]
    [InlineData(20.0)]
    [InlineData(12.0)]
    public void Of_WhenTheSecondStartsOnASiloThatWasDeclaredDead_ThatSiloIsTheZombie(double firstEnds)
    {
        var verdict = Repeated(First(10, firstEnds), Second(15, 25), (SecondSilo, 14));

        Assert.Equal(RepeatKind.ByZombie, Assert.Single(verdict.Repeats).Kind);
    }

    [Fact]
    public void Of_WhenTheFirstProcessWasKilled_TheSecondExecutionComesAfterADeath()
    {
        var verdict = Repeated(First(10, null), Second(15, 16), (FirstSilo, 14), (FirstProcess, 12));

        Assert.Equal(RepeatKind.AfterDeath, Assert.Single(verdict.Repeats).Kind);
        Assert.True(verdict.Holds);
    }

    [Fact]
    public void Of_WhenAnExecutionHasNoEndAndItsProcessLives_ItStillRuns() =>
        Assert.Equal(1, Repeated(First(10, null), Second(15, 16)).Count(RepeatKind.WhileAlive));

    [Fact]
    public void Of_WhenAKilledProcessIsStillAMember_ItsJobMayRunAgain() =>
        Assert.Equal(RepeatKind.AfterDeath, Assert.Single(Repeated(First(10, null), Second(15, 16), null, (FirstProcess, 12)).Repeats).Kind);

    [Theory]
    [InlineData(null, RepeatKind.AfterItsEnd)]
    [InlineData(14.0, RepeatKind.AfterDeath)]
    public void Of_WhenTheFirstHadCompleted_ItsOutcomeWasLostWithItsSiloOrWithout(double? lastSeen, RepeatKind kind)
    {
        var verdict = Repeated(First(10, 11), Second(15, 16), lastSeen is { } at ? (FirstSilo, at) : null);

        Assert.Equal(kind, Assert.Single(verdict.Repeats).Kind);
        Assert.True(verdict.Holds);
    }

    [Theory]
    [InlineData(ExecutionEnd.Failed)]
    [InlineData(ExecutionEnd.Stopped)]
    public void Of_WhenTheFirstHadFailedOrWasStopped_TheSecondRepeatsNothing(ExecutionEnd end) =>
        Assert.Empty(Repeated(First(10, 11) with { End = end }, Second(15, 16)).Repeats);

    [Fact]
    public void Of_WhenAThirdExecutionOverlapsTheFirstOnly_ItIsFoundBehindTheSecond()
    {
        var third = new HandlerRun(Job, 1, "t3", 3, SecondSilo, S(17)) { EndedAt = S(18), End = ExecutionEnd.Completed };

        var verdict = LedgerCheck.Of(new Evidence { Acknowledged = [], Executions = [third, Second(11, 12) with { End = ExecutionEnd.Stopped }, First(10, 20) with { End = ExecutionEnd.Stopped }] });

        Assert.Equal(2, verdict.Count(RepeatKind.WhileAlive));
    }

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(0, 2, true)]
    [InlineData(1, 2, false)]
    [InlineData(1, 3, true)]
    public void Of_WhenAnAttemptIsHigherThanTheJobsFailuresExplain_ItWasSpent(int failures, int attempt, bool isSpent)
    {
        var job = Acknowledged(JobState.Succeeded) with { Failures = failures };

        var verdict = LedgerCheck.Of(new Evidence { Acknowledged = [job], Executions = [First(10, 11) with { Attempt = attempt }] });

        Assert.Equal(isSpent ? [Job] : [], verdict.SpentAttempts);
    }

    [Fact]
    public void Of_WhenAJobIsADeadLetter_OnlyTheOneThatCrashesMayBe()
    {
        var innocent = Acknowledged(JobState.Failed);
        var culprit = new Acknowledgement("default~0~b", S(1)) { State = JobState.Failed, IsCrash = true };

        var verdict = LedgerCheck.Of(new Evidence { Acknowledged = [innocent, culprit], Executions = [] });

        Assert.Equal([Job], verdict.Failed);
        Assert.Equal((2, true), (verdict.Finished, verdict.Holds));
    }

    [Fact]
    public void Of_WhenASiloIsStruck_TimesRunFromTheStrikeToTheDeathAndToTheNextStart()
    {
        var strike = new Strike("kill-one", FirstProcess, S(12)) { Silo = FirstSilo };
        var endedBefore = new HandlerRun("default~0~b", 1, "t3", FirstProcess, FirstSilo, S(10)) { EndedAt = S(11), End = ExecutionEnd.Completed };

        var verdict = LedgerCheck.Of(new Evidence
        {
            Acknowledged = [], Executions = [First(10, null), Second(15.5, 16), endedBefore], Strikes = [strike], Deaths = new Dictionary<string, TimeSpan> { [FirstSilo] = S(15) },
            Exits = new Dictionary<int, TimeSpan> { [FirstProcess] = S(12) },
        });

        Assert.Equal([("kill-one", S(3.5))], verdict.Recoveries);
        Assert.Equal([("kill-one", S(3))], verdict.Declarations);
    }

    private static Verdict Repeated(HandlerRun first, HandlerRun second, (string Silo, double LastSeen)? death = null, (int Process, double At)? exit = null) => LedgerCheck.Of(new Evidence
    {
        Acknowledged = [Acknowledged(JobState.Succeeded)],
        Executions = [second, first],
        Deaths = death is { } dead ? new Dictionary<string, TimeSpan> { [dead.Silo] = S(dead.LastSeen) } : [],
        Exits = exit is { } gone ? new Dictionary<int, TimeSpan> { [gone.Process] = S(gone.At) } : [],
    });

    private static Acknowledgement Acknowledged(JobState? state) => new(Job, S(9)) { State = state };

    private static HandlerRun First(double from, double? to) => Run("t1", FirstProcess, FirstSilo, from, to);

    private static HandlerRun Second(double from, double? to) => Run("t2", SecondProcess, SecondSilo, from, to);

    private static HandlerRun Run(string token, int process, string silo, double from, double? to) => new(Job, 1, token, process, silo, S(from))
    {
        EndedAt = to is { } end ? S(end) : null, End = to is null ? null : ExecutionEnd.Completed,
    };

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);
}
