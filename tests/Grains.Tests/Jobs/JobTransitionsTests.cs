using CsCheck;
using Krewe.Execution;
using Krewe.Flows;
using Krewe.Jobs;
using Krewe.Storage;
using Xunit;

namespace Krewe.Grains.Tests.Jobs;

public sealed class JobTransitionsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    private static readonly TransitionContext Context = new(Now, 0.5, 3, TimeSpan.FromDays(7), "silo");

    private static readonly Gen<JobRecord> Records =
        from state in Gen.Enum<JobState>()
        from failed in Gen.Int[0, 5]
        from lost in Gen.Int[0, 4]
        from isCancelRequested in Gen.Bool
        from hasKey in Gen.Bool
        from delivery in Gen.Enum<Delivery>()
        from maxRetries in Gen.Int[0, 5]
        from ignores in Gen.Bool
        from expires in Gen.Bool
        select new JobRecord
        {
            Id = "01j",
            Name = "test",
            State = state,
            FailedAttempts = failed,
            LostDeliveries = lost,
            IsCancelRequested = isCancelRequested,
            UniqueKey = hasKey ? "key" : null,
            Settings = new JobSettings { Delivery = delivery, MaxRetries = maxRetries, IgnoreResult = ignores },
            ExpiresAt = expires ? Now.AddHours(1) : null,
            Deliveries = failed + lost,
            Priority = 4,
            Position = 17,
        };

    private static readonly Gen<AttemptOutcome> Outcomes =
        from kind in Gen.Enum<OutcomeKind>()
        from isRetryable in Gen.Bool
        from delay in Gen.Int[0, 100]
        select new AttemptOutcome
        {
            Id = "01j",
            Token = "1-a",
            Kind = kind,
            Delay = delay > 50 ? TimeSpan.FromSeconds(delay) : null,
            Error = new JobError(1, "System.Exception", "It broke.", null, Now, isRetryable),
            EndedAt = Now,
        };

    [Fact]
    public void Finish_WhenTheOutcomeIsOfANewerVersion_RunsAgainLaterWithNoAttemptSpent()
    {
        var outcome = new AttemptOutcome { Id = "01j", Token = "1-a", Kind = (OutcomeKind)77, EndedAt = Now };

        var step = JobTransitions.Finish(new JobRecord { Id = "01j", Name = "test", State = JobState.Queued, FailedAttempts = 1 }, outcome, false, Context);

        Assert.Equal((JobPlace.Due, JobState.Scheduled, 1, Now.AddSeconds(10)), (step.To, step.Record!.State, step.Record.FailedAttempts, step.DueAt));
    }

    [Fact]
    public void Steps_WhenTheyAreNotARedrive_NeverLeaveAFinalPlace()
    {
        Gen.Select(Records, Outcomes, Gen.Bool).Sample((record, outcome, flag) =>
        {
            var claim = Claim(isSuspect: flag);
            JobStep[] steps =
            [
                JobTransitions.Claim(record, claim), JobTransitions.Finish(record, outcome, flag, Context), JobTransitions.Promote(record, 20), JobTransitions.Park(record, "why"),
                JobTransitions.Unpark(record, 20), JobTransitions.Cancel(record, flag ? "1-a" : null, "why", Now), JobTransitions.Expire(record, Now), JobTransitions.Note(record, "1-a"),
                JobTransitions.Rescue(record, claim, Context),
            ];
            Assert.All(steps, step => Assert.Equal(JobPlace.Nowhere, step.From & JobPlace.Final));
        });
    }

    [Fact]
    public void Steps_WhenTheyLeaveRunning_CarryTheToken()
    {
        Gen.Select(Records, Outcomes, Gen.Bool).Sample((record, outcome, flag) =>
        {
            JobStep[] steps = [JobTransitions.Finish(record, outcome, flag, Context), JobTransitions.Rescue(record, Claim(flag), Context), JobTransitions.Note(record, "1-a")];
            Assert.All(steps, step => Assert.Equal((JobPlace.Running, "1-a"), (step.From, step.Token)));
        });
    }

    [Fact]
    public void Finish_WhateverTheOutcome_StateAndPlaceAgree()
    {
        Gen.Select(Records, Outcomes, Gen.Bool).Sample((record, outcome, isCancelRequested) =>
        {
            var step = JobTransitions.Finish(record, outcome, isCancelRequested, Context);
            var state = step.Record!.State;
            Assert.True(step.To switch
            {
                JobPlace.Dead => state == JobState.Failed,
                JobPlace.Done => state is JobState.Succeeded or JobState.Cancelled,
                JobPlace.Due => state is JobState.Retrying or JobState.Scheduled && step.DueAt >= Now,
                JobPlace.Parked => state == (outcome.Kind == OutcomeKind.Replaced ? JobState.Waiting : JobState.Queued),
                JobPlace.Ready => state == JobState.Queued,
                _ => false,
            });
            Assert.Equal((step.To & JobPlace.Final) != 0, step.Ttl is not null);
            Assert.Equal((step.To & JobPlace.Final) != 0 && record.UniqueKey is not null, step.Unique is not null);
        });
    }

    [Fact]
    public void Finish_WhenACancelWasAskedFor_NeverGoesOn()
    {
        Gen.Select(Records, Outcomes).Where((_, outcome) => outcome.Kind != OutcomeKind.Unhandled).Sample((record, outcome) =>
        {
            var step = JobTransitions.Finish(record, outcome, isCancelRequested: true, Context);
            Assert.Equal(outcome.Kind == OutcomeKind.Succeeded ? JobState.Succeeded : JobState.Cancelled, step.Record!.State);
        });
    }

    [Fact]
    public void Finish_WhenTheAttemptFails_CountsItUpToMaxRetries()
    {
        var record = Record() with { Settings = new JobSettings { MaxRetries = 2, Retry = RetryPolicy.Fixed(TimeSpan.FromSeconds(5)) } };
        var failed = Outcome(OutcomeKind.Failed);

        var first = JobTransitions.Finish(record, failed, false, Context);
        var second = JobTransitions.Finish(first.Record!, failed, false, Context);
        var third = JobTransitions.Finish(second.Record!, failed, false, Context);

        Assert.Equal((JobVerb.Retry, 1, Now.AddSeconds(5)), (first.Verb, first.Record!.FailedAttempts, first.DueAt));
        Assert.Equal((JobVerb.Retry, 2), (second.Verb, second.Record!.FailedAttempts));
        Assert.Equal((JobVerb.Fail, 3, JobPlace.Dead, TimeSpan.FromDays(7)), (third.Verb, third.Record!.FailedAttempts, third.To, third.Ttl));
        Assert.Equal("Its 2 retries are spent.", third.Record.Reason);
    }

    [Fact]
    public void Finish_WhenTheAttemptIsUnspent_CountsNothing()
    {
        foreach (var (kind, place) in new[] { (OutcomeKind.Snoozed, JobPlace.Due), (OutcomeKind.Released, JobPlace.Ready), (OutcomeKind.Unhandled, JobPlace.Parked) })
        {
            var step = JobTransitions.Finish(Record(), Outcome(kind), false, Context);

            Assert.Equal((place, 0, 0, null), (step.To, step.Record!.FailedAttempts, step.Record.LostDeliveries, step.Record.Errors));
        }
    }

    [Fact]
    public void EndReplaced_WhenTheFlowEnded_EndsTheJobAsIt()
    {
        var parked = JobTransitions.Finish(Record() with { ExpiresAt = Now.AddHours(1) }, Outcome(OutcomeKind.Replaced) with { FlowId = "flow" }, false, Context);

        var done = JobTransitions.EndReplaced(parked.Record!, new ReplacementEnd("flow", JobState.Succeeded, [1], null), Context);
        var failed = JobTransitions.EndReplaced(parked.Record!, new ReplacementEnd("flow", JobState.Failed, null, new FlowError("j", "n", "T", "broke", 2)), Context);

        Assert.Equal((JobVerb.Replace, JobPlace.Parked, "~replaced", null, "flow"), (parked.Verb, parked.To, parked.ParkedName, parked.ExpiresAt, parked.Record!.ReplacedBy));
        Assert.Equal((JobPlace.Parked, JobPlace.Done, JobState.Succeeded), (done.From, done.To, done.Record!.State));
        Assert.Equal((JobPlace.Dead, JobState.Failed, "broke"), (failed.To, failed.Record!.State, failed.Record.Errors![0].Message));
    }

    [Fact]
    public void EndReplaced_WhenTheResultIsIgnored_KeepsNone()
    {
        var parked = JobTransitions.Finish(Record() with { Settings = new JobSettings { IgnoreResult = true } }, Outcome(OutcomeKind.Replaced) with { FlowId = "flow" }, false, Context);

        var done = JobTransitions.EndReplaced(parked.Record!, new ReplacementEnd("flow", JobState.Succeeded, [1], null), Context);

        Assert.Equal((JobState.Succeeded, null, true, true, false), (done.Record!.State, done.Record.Result, done.Record.IsTombstone, done.Record.IsResultIgnored, done.IsListed));
    }

    [Fact]
    public void Finish_WhenAMemberOfAFlowEnds_StaysADayAtLeast()
    {
        var member = Record() with { FlowId = "flow", Member = 3, Run = 2, Settings = new JobSettings { IgnoreResult = true, ResultTtl = TimeSpan.FromSeconds(1) } };

        var step = JobTransitions.Finish(member, Outcome(OutcomeKind.Succeeded), false, Context);

        Assert.Equal((TimeSpan.FromHours(24), "flow", 3, 2), (step.Ttl, step.Record!.FlowId, step.Record.Member, step.Record.Run));
    }

    [Fact]
    public void Finish_WhenTheClaimIsReleased_KeepsItsPosition()
    {
        var step = JobTransitions.Finish(Record(), Outcome(OutcomeKind.Released), false, Context);

        Assert.Equal((false, 17L, JobVerb.Release), (step.IsAtTail, step.Record!.Position, step.Verb));
    }

    [Theory]
    [InlineData(Delivery.AtMostOnce, true, JobVerb.Fail)]
    [InlineData(Delivery.AtMostOnce, false, JobVerb.Release)]
    [InlineData(Delivery.AtLeastOnce, true, JobVerb.Release)]
    public void Finish_WhenAReleasedHandlerHadStarted_IsNotStartedAgainAtMostOnce(Delivery delivery, bool hadStarted, object verb)
    {
        var record = Record() with { Settings = new JobSettings { Delivery = delivery } };

        var step = JobTransitions.Finish(record, Outcome(OutcomeKind.Released) with { StartedAt = hadStarted ? Now : null }, false, Context);

        Assert.Equal(verb, step.Verb);
        Assert.Equal(step.Verb == JobVerb.Fail, step.Record!.Errors is [{ Type: "Krewe.WorkerLost" }]);
    }

    [Fact]
    public void Finish_WhenTheHardLimitPassed_IsRetriedOnlyWhenAskedFor()
    {
        var usual = JobTransitions.Finish(Record(), Outcome(OutcomeKind.TimedOut), false, Context);
        var asked = JobTransitions.Finish(Record() with { Settings = new JobSettings { RetryOnHardLimit = true } }, Outcome(OutcomeKind.TimedOut), false, Context);

        Assert.Equal((JobState.Failed, JobState.Retrying), (usual.Record!.State, asked.Record!.State));
    }

    [Fact]
    public void Finish_WhenTheResultIsIgnored_LeavesATombstone()
    {
        var record = Record() with { Args = [1, 2, 3], Headers = new() { ["a"] = "b" }, Settings = new JobSettings { IgnoreResult = true } };

        var step = JobTransitions.Finish(record, Outcome(OutcomeKind.Succeeded) with { Result = [1] }, false, Context);

        Assert.True(step.Record!.IsTombstone && step.Record.IsResultIgnored);
        Assert.Equal((0, null, null, JobLifetimes.TombstoneTtl, false), (step.Record.Args.Length, step.Record.Result, step.Record.Headers, step.Ttl, step.IsListed));
    }

    [Fact]
    public void Finish_WhenTheResultsTimeIsShort_KeepsTheRecordAsLongAsItsIdIsRepeated()
    {
        var brief = new JobSettings { ResultTtl = TimeSpan.FromSeconds(1) };

        Assert.Equal(TimeSpan.FromMinutes(2), JobTransitions.Finish(Record() with { Settings = brief }, Outcome(OutcomeKind.Succeeded), false, Context).Ttl);
        Assert.Equal(TimeSpan.FromHours(1), JobTransitions.Finish(Record() with { Settings = brief, HasCallerId = true }, Outcome(OutcomeKind.Succeeded), false, Context).Ttl);
        Assert.Equal(TimeSpan.FromHours(24), JobTransitions.Finish(Record(), Outcome(OutcomeKind.Succeeded), false, Context).Ttl);
    }

    [Fact]
    public void Finish_WhenAJobFailsThoughNoDeadLettersAreKept_KeepsItsIdAsLongAsItMayBeRepeated()
    {
        var context = Context with { FailureTtl = TimeSpan.Zero };
        var spent = new JobSettings { MaxRetries = 0 };

        Assert.Equal(TimeSpan.FromMinutes(2), JobTransitions.Finish(Record() with { Settings = spent }, Outcome(OutcomeKind.Failed), false, context).Ttl);
        Assert.Equal(TimeSpan.FromHours(1), JobTransitions.Finish(Record() with { Settings = spent, HasCallerId = true }, Outcome(OutcomeKind.Failed), false, context).Ttl);
    }

    [Fact]
    public void Finish_WhenASnoozeIsLongerThanTheCalendar_WaitsForItsEnd() =>
        Assert.Equal(DateTimeOffset.MaxValue, JobTransitions.Finish(Record(), Outcome(OutcomeKind.Snoozed) with { Delay = TimeSpan.MaxValue }, false, Context).DueAt);

    [Fact]
    public void Rescue_WhenTheSiloSaidThatItWasDraining_CountsNothing()
    {
        var step = JobTransitions.Rescue(Record() with { DrainedToken = "1-a" }, Claim(isSuspect: false), Context);

        Assert.Equal((JobVerb.Rescue, JobPlace.Ready, 0, 17L, false), (step.Verb, step.To, step.Record!.LostDeliveries, step.Record.Position, step.IsAtTail));
    }

    [Theory]
    [InlineData(0, false, true)]
    [InlineData(1, false, true)]
    [InlineData(5, false, true)]
    [InlineData(1, true, true)]
    [InlineData(2, true, false)]
    [InlineData(7, true, false)]
    public void Rescue_WhenSilosDieUnderAJob_GivesItUpOnlyAsTheOneSuspect(int lostBefore, bool isSuspect, bool goesOn)
    {
        var step = JobTransitions.Rescue(Record() with { LostDeliveries = lostBefore }, Claim(isSuspect), Context);

        Assert.Equal(goesOn ? JobPlace.Ready : JobPlace.Dead, step.To);
        Assert.Equal(lostBefore + 1, step.Record!.LostDeliveries);
        Assert.Equal(["S127.0.0.1:1:1"], step.Record.LostWith);
    }

    [Fact]
    public void Rescue_WhenTheSameSiloIsFoundDeadAgain_ChargesItsDeathOnce()
    {
        var once = JobTransitions.Rescue(Record() with { LostDeliveries = 2 }, Claim(isSuspect: false), Context).Record!;

        var twice = JobTransitions.Rescue(once, Claim(isSuspect: true), Context);

        Assert.Equal((JobPlace.Ready, 3), (twice.To, twice.Record!.LostDeliveries));
    }

    [Fact]
    public void Rescue_WhenDeliveredAtMostOnce_Fails()
    {
        var step = JobTransitions.Rescue(Record() with { Settings = new JobSettings { Delivery = Delivery.AtMostOnce } }, Claim(false), Context);

        Assert.Equal((JobPlace.Dead, "Krewe.WorkerLost"), (step.To, Assert.Single(step.Record!.Errors!).Type));
    }

    [Fact]
    public void Rescue_WhenACancelWasAskedFor_IsCancelled()
    {
        var step = JobTransitions.Rescue(Record() with { IsCancelRequested = true, Reason = "Cancelled by a caller." }, Claim(false), Context);

        Assert.Equal((JobPlace.Done, JobState.Cancelled, "Cancelled by a caller."), (step.To, step.Record!.State, step.Record.Reason));
    }

    [Fact]
    public void Redrive_WhenTheJobIsDead_StartsAnew()
    {
        var dead = Record() with { State = JobState.Failed, FailedAttempts = 4, LostDeliveries = 3, LostWith = ["S"], IsCancelRequested = true, FinishedAt = Now, Reason = "Given up.", UniqueKey = "key", ExpiresAt = Now.AddSeconds(-1) };

        var step = JobTransitions.Redrive(dead, JobPlace.Dead, 40, Now);

        Assert.Equal((JobPlace.Dead, JobPlace.Ready, true, 40L), (step.From, step.To, step.IsAtTail, step.Record!.Position));
        Assert.Equal((JobState.Queued, 0, 0, false, null, null), (step.Record.State, step.Record.FailedAttempts, step.Record.LostDeliveries, step.Record.IsCancelRequested, step.Record.Reason, step.Record.ExpiresAt));
        Assert.Equal(UniqueAction.Take, step.Unique!.Action);
    }

    [Fact]
    public void Add_WhenItHasExpiredAlready_IsFinalWithoutTakingItsKey()
    {
        var step = JobTransitions.Add(NewJob() with { UniqueKey = "key", ExpiresIn = TimeSpan.Zero }, 1, Now);

        Assert.Equal((JobPlace.Nowhere, JobPlace.Done, JobState.Expired, null), (step.From, step.To, step.Record!.State, step.Unique));
    }

    [Fact]
    public void Add_WhenItsInstantIsPast_IsReadyAtOnce()
    {
        var step = JobTransitions.Add(NewJob() with { NotBefore = Now }, 1, Now);

        Assert.Equal((JobPlace.Ready, JobState.Queued, null), (step.To, step.Record!.State, step.DueAt));
    }

    private static NewJob NewJob() => new() { Id = "01j", Name = "test", Args = [], Fingerprint = 1 };

    private static JobRecord Record() => new() { Id = "01j", Name = "test", Priority = 4, Position = 17, EnqueuedAt = Now.AddMinutes(-1) };

    private static AttemptOutcome Outcome(OutcomeKind kind) => new() { Id = "01j", Token = "1-a", Kind = kind, EndedAt = Now, Error = new JobError(1, "System.Exception", "It broke.", null, Now, true) };

    private static JobClaim Claim(bool isSuspect) => new() { Token = "1-a", Silo = "S127.0.0.1:1:1", ClusterId = "test", IsSuspect = isSuspect, WorkerName = "silo" };
}
