using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Xunit;

namespace Krewe.Grains.Tests.Queues;

public sealed class JobViewsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    private static readonly PartitionKey Key = new("default", 3);

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void Ending_WhenTheResultsTimeHasPassed_IsGone(int ticks, bool isGone)
    {
        var ending = JobViews.Ending(Key, Succeeded(), Now + TimeSpan.FromMinutes(1) + TimeSpan.FromTicks(ticks), int.MaxValue);

        Assert.Equal((JobState.Succeeded, isGone, isGone), (ending.State, ending.IsResultGone, ending.Result is null));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void Ending_WhenTheResultIsLarge_LiesElsewhere(int maxBytes, bool isElsewhere)
    {
        var ending = JobViews.Ending(Key, Succeeded(), Now, maxBytes);

        Assert.Equal((isElsewhere, isElsewhere), (ending.IsResultElsewhere, ending.Result is null));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Ending_WhenOnlyATombstoneIsLeft_IsGoneUnlessItWasIgnored(bool isIgnored, bool isGone)
    {
        var record = new JobRecord { Id = "a", Name = "b", State = JobState.Succeeded, IsTombstone = true, IsResultIgnored = isIgnored, FinishedAt = Now };

        Assert.Equal(isGone, JobViews.Ending(Key, record, Now, int.MaxValue).IsResultGone);
    }

    [Theory]
    [InlineData(nameof(JobPlace.Ready), JobState.Retrying, JobState.Retrying, 2)]
    [InlineData(nameof(JobPlace.Running), JobState.Queued, JobState.Running, 3)]
    [InlineData(nameof(JobPlace.Done), JobState.Succeeded, JobState.Succeeded, 3)]
    [InlineData(nameof(JobPlace.Dead), JobState.Failed, JobState.Failed, 2)]
    public void Info_WhereverTheJobLies_CountsTheAttemptThatRunsOrSucceeded(string place, JobState stored, JobState state, int attempt)
    {
        var record = new JobRecord { Id = "a", Name = "b", State = stored, FailedAttempts = 2, FlowId = "f" };

        var info = JobViews.Info(Key, new StoredJob("a", Enum.Parse<JobPlace>(place), record, null, 0, 1, 10), null);

        Assert.Equal(("default~3~a", state, attempt, "f"), (info.Id, info.State, info.Attempt, info.FlowId));
    }

    private static JobRecord Succeeded() => new()
    {
        Id = "a", Name = "b", State = JobState.Succeeded, FinishedAt = Now, Result = [1, 2], Settings = new JobSettings { ResultTtl = TimeSpan.FromMinutes(1) },
    };
}
