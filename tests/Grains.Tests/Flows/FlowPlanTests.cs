using CsCheck;
using Xunit;

namespace Krewe.Grains.Tests.Flows;

public sealed class FlowPlanTests
{
    [Fact]
    public void End_WhenAStepSucceeds_StartsTheNext()
    {
        var plan = Plan.Of(new Chain(new Job(), new Job(), new Job()));

        Assert.Equal([1], plan.Started);
        plan.End(1, JobState.Succeeded);
        Assert.Equal([1, 2], plan.Started);
        plan.End(2, JobState.Succeeded);
        plan.End(3, JobState.Succeeded);
        Assert.Equal([1, 2, 3], plan.Started);
        Assert.Equal(JobState.Succeeded, plan.Sut.State);
    }

    [Fact]
    public void End_WhenAStepFails_EndsTheChainAndNeverStartsTheRest()
    {
        var plan = Plan.Of(new Chain(new Job(), new Job(), new Job()) { OnError = [new Job()] });

        plan.End(2, JobState.Succeeded);
        plan.End(3, JobState.Failed);

        Assert.Equal((JobState.Failed, 3), (plan.Sut.State, plan.Sut.At(0).FailedBy));
        Assert.Equal([2, 3, 1], plan.Started);
        Assert.Equal(JobState.Cancelled, plan.Shown()[4]);
    }

    [Fact]
    public void End_WhenToldTwiceOrOfAnOlderRun_CountsOnce()
    {
        var plan = Plan.Of(new Chain(new Group(new Job(), new Job()), new Job()));

        Assert.True(plan.End(2, JobState.Succeeded));
        Assert.False(plan.End(2, JobState.Succeeded));
        Assert.False(plan.End(2, JobState.Failed));
        Assert.False(plan.Sut.End(3, JobState.Succeeded, run: 0));
        Assert.False(plan.Sut.End(4, JobState.Succeeded, run: 1));
        Assert.DoesNotContain(4, plan.Started);
    }

    [Fact]
    public void Seal_WhenAGroupIsEmpty_RunsTheBody()
    {
        var plan = Plan.Of(new Chain(new Group(), new Job()));

        Assert.Equal([2], plan.Started);
    }

    [Fact]
    public void Seal_WhenMembersEndedBefore_GoesOn()
    {
        var plan = new Plan(new Chain(new Group(new Job(), new Job()), new Job()));
        plan.AppendAll(upTo: 3);
        plan.End(2, JobState.Succeeded);
        Assert.Equal([2], plan.Started);
        plan.AppendAll();
        plan.End(3, JobState.Succeeded);
        Assert.Equal([2, 3], plan.Started);

        plan.Seal();

        Assert.Equal([2, 3, 4], plan.Started);
    }

    [Fact]
    public void Cancel_WhenMembersRun_CancelsThemAndStartsNothingButCallbacks()
    {
        var plan = Plan.Of(new Chain(new Group(new Job(), new Chain(new Job(), new Job())), new Job()) { OnError = [new Job()], OnSuccess = [new Job()] });

        Assert.True(plan.Sut.Cancel());

        plan.Take();
        Assert.Equal([4, 6], plan.Cancelled);
        plan.End(4, JobState.Succeeded);
        plan.End(6, JobState.Cancelled);
        Assert.Equal([4, 6, 2], plan.Started);
        Assert.Equal(JobState.Cancelled, plan.Sut.State);
        Assert.False(plan.Sut.Cancel());
    }

    [Fact]
    public void End_WhenAFailureCancelsTheGroup_CancelsWhatRunsAndStopsItsChains()
    {
        var plan = Plan.Of(new Group(new Job(), new Chain(new Job(), new Job()), new Job()), cancelsOnFailure: true);

        plan.End(1, JobState.Failed);

        Assert.Equal([3, 5], plan.Cancelled);
        plan.End(3, JobState.Succeeded);
        Assert.Equal((JobState.Failed, false), (plan.Sut.State, plan.Started.Contains(4)));
    }

    [Fact]
    public void Cancel_WhenAnUnsealedFlowHasFailed_StopsTheRest()
    {
        var plan = new Plan(new Group(new Job(), new Job(), new Job()));
        plan.AppendAll(upTo: 3);
        plan.End(1, JobState.Failed);

        Assert.True(plan.Sut.Cancel());
        plan.AppendAll();

        Assert.Equal([2], plan.Cancelled);
        Assert.Equal([1, 2], plan.Started);
        Assert.Equal((JobState.Failed, false, false), (plan.Sut.State, plan.Sut.Cancel(), plan.Sut.Redrive()));
    }

    [Fact]
    public void Redrive_WhenAMemberFailed_RunsItAgainAndThenTheBody()
    {
        var plan = Plan.Of(new Chain(new Group(new Job(), new Job()), new Job()) { OnError = [new Job()] });
        plan.End(3, JobState.Succeeded);
        plan.End(4, JobState.Failed);
        plan.End(1, JobState.Succeeded);
        plan.Started.Clear();

        Assert.True(plan.Sut.Redrive());
        plan.Take();

        Assert.Equal([4], plan.Started);
        Assert.False(plan.Sut.End(4, JobState.Succeeded, run: 1));
        plan.End(4, JobState.Succeeded);
        plan.End(5, JobState.Succeeded);
        Assert.Equal([4, 5], plan.Started);
        Assert.Equal((JobState.Succeeded, 2), (plan.Sut.State, plan.Sut.Run));
        Assert.False(plan.Sut.Redrive());
    }

    [Fact]
    public void Redrive_WhenItFailsAgain_CallsTheErrorCallbackAgain()
    {
        var plan = Plan.Of(new Chain(new Job(), new Job()) { OnError = [new Job()] });
        plan.End(2, JobState.Failed);
        plan.End(1, JobState.Succeeded);

        plan.Sut.Redrive();
        plan.Take();
        plan.End(2, JobState.Expired);

        Assert.Equal([2, 1, 2, 1], plan.Started);
        Assert.Equal(JobState.Expired, plan.Sut.State);
    }

    [Fact]
    public void Seal_WhenARowOfEmptyGroupsIsLong_PassesItInOneGo()
    {
        var plan = Plan.Of(new Chain([.. Enumerable.Range(0, 100_000).Select(_ => new Group()), new Job()]));

        Assert.Equal([100_001], plan.Started);
    }

    [Fact]
    public void IsStopped_WhenTheFlowIsCancelled_HoldsForItsJobsAndNotForCallbacks()
    {
        var plan = Plan.Of(new Chain(new Job(), new Job()) { OnError = [new Job()] });

        plan.Sut.Cancel();

        Assert.Equal((true, false), (plan.Sut.Nodes.IsStopped(2), plan.Sut.Nodes.IsStopped(1)));
    }

    [Fact]
    public void GroupOf_WhenAMemberRuns_IsItsInnermostGroup()
    {
        var plan = Plan.Of(new Chain(new Group(new Job(), new Chain(new Job(), new Job())), new Job()));

        Assert.Equal((1, 1, -1, -1), (plan.Sut.Nodes.GroupOf(2), plan.Sut.Nodes.GroupOf(4), plan.Sut.Nodes.GroupOf(5), plan.Sut.Nodes.GroupOf(6)));
    }

    /// <summary>Every job starts at most once, exactly those start that the rules call for, every callback that is due starts once, and the flow always ends.</summary>
    [Fact]
    public void End_WhateverTheTreeAndTheEnds_StartsEachJobOnceAndEnds()
    {
        Gen.Select(Trees.Flow(200), Gen.Int[0, int.MaxValue], Gen.Bool).Sample((tree, seed, isStreamed) =>
        {
            var random = new Random(seed);
            var plan = new Plan(tree);
            var outcomes = plan.Jobs.ToDictionary(job => job, _ => random.Next(10) < 8 ? JobState.Succeeded : JobState.Failed + random.Next(3));
            plan.Play(random, outcomes, isStreamed);

            var due = new HashSet<int>();
            var expected = Trees.Evaluate(plan, 0, outcomes, due);
            Assert.Equal(plan.Started.Count, plan.Started.Distinct().Count());
            Assert.Equal(due.Order(), plan.Started.Order());
            Assert.Contains(plan.Sut.State, expected);
            Assert.Equal(0, plan.Sut.Live);
        });
    }

    [Fact]
    public void Redrive_WhateverTheTree_RunsWhatDidNotSucceedAndThenSucceeds()
    {
        Gen.Select(Trees.Flow(60), Gen.Int[0, int.MaxValue]).Sample((tree, seed) =>
        {
            var random = new Random(seed);
            var plan = new Plan(tree);
            plan.Play(random, plan.Jobs.ToDictionary(job => job, _ => random.Next(10) < 7 ? JobState.Succeeded : JobState.Failed), isStreamed: false);
            var before = plan.Sut.State;
            var succeeded = plan.Jobs.Where(job => plan.Sut.At(job).State == JobState.Succeeded && !plan.IsInErrorCallback(job)).ToHashSet();
            plan.Started.Clear();

            Assert.Equal(before != JobState.Succeeded, plan.Sut.Redrive());
            plan.Take();
            plan.Play(random, plan.Jobs.ToDictionary(job => job, _ => JobState.Succeeded), isStreamed: false);

            Assert.Equal(JobState.Succeeded, plan.Sut.State);
            Assert.DoesNotContain(plan.Started, succeeded.Contains);
        });
    }
}
