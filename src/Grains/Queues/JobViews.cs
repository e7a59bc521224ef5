using Krewe.Jobs;
using Krewe.Storage;

namespace Krewe.Queues;

/// <summary>What a record looks like from outside. Pure.</summary>
internal static class JobViews
{
    /// <summary>A job as the store holds it, with what its owner knows beside.</summary>
    /// <param name="partition">Where it lies.</param>
    /// <param name="job">As it was read.</param>
    /// <param name="running">As the owner knows it while it runs. Counts only where the store says that it runs: the owner hears of a commit after the store's readers do.</param>
    internal static JobInfo Info(PartitionKey partition, StoredJob job, RunningJob? running) => (job.Record, job.Place) switch
    {
        ({ } record, JobPlace.Running) => Info(partition, running?.Record ?? record, job.Place, running?.Claim ?? job.Claim),
        ({ } record, _) => Info(partition, record, job.Place, null),
        _ => Unreadable(partition, job),
    };

    /// <summary>How a final job ended.</summary>
    /// <param name="partition">Where it lies.</param>
    /// <param name="record">Its record, in a final state.</param>
    /// <param name="now">A result whose own time to live has passed is gone, even while the record stays as a tombstone.</param>
    /// <param name="maxResultBytes">A larger result is left out and marked.</param>
    internal static JobEnding Ending(PartitionKey partition, JobRecord record, DateTimeOffset now, int maxResultBytes)
    {
        var settings = record.EffectiveSettings;
        var isGone = record.IsTombstone
            ? !record.IsResultIgnored
            : record.State == JobState.Succeeded && record.FinishedAt + settings.EffectiveResultTtl <= now;
        var isLarge = record.Result?.Length > maxResultBytes;
        return new JobEnding
        {
            JobId = partition.JobId(record.Id),
            State = record.State,
            Result = isGone || isLarge ? null : record.Result,
            IsResultElsewhere = isLarge && !isGone,
            IsResultGone = isGone,
            Error = record.Errors is { Count: > 0 } errors ? errors[^1] : null,
            Reason = record.Reason,
        };
    }

    private static JobInfo Info(PartitionKey partition, JobRecord record, JobPlace place, JobClaim? claim) => new()
    {
        Id = partition.JobId(record.Id),
        Name = record.Name,
        Queue = partition.Queue,
        State = place == JobPlace.Running ? JobState.Running : record.State,
        Priority = record.Priority,
        Attempt = place == JobPlace.Running ? record.FailedAttempts + 1 : Math.Max(record.FailedAttempts, record.State == JobState.Succeeded ? record.FailedAttempts + 1 : 0),
        MaxRetries = record.EffectiveSettings.EffectiveMaxRetries,
        EnqueuedAt = record.EnqueuedAt,
        DueAt = record.DueAt,
        ExpiresAt = record.ExpiresAt,
        StartedAt = place == JobPlace.Running ? claim?.ClaimedAt : record.StartedAt,
        FinishedAt = record.FinishedAt,
        Worker = place == JobPlace.Running ? claim?.WorkerName ?? claim?.Silo : record.Worker,
        Errors = record.Errors ?? [],
        Progress = record.Progress,
        ParentId = record.ParentId,
        ChildIds = record.ChildIds ?? [],
        Headers = record.Headers ?? [],
        UniqueKey = record.UniqueKey,
        IsCancelRequested = record.IsCancelRequested,
        LostDeliveries = record.LostDeliveries,
        Reason = record.Reason,
        SoftTimeLimit = record.EffectiveSettings.SoftTimeLimit,
        TimeLimit = record.EffectiveSettings.TimeLimit,
        FlowId = record.FlowId,
    };

    private static JobInfo Unreadable(PartitionKey partition, StoredJob job) => new()
    {
        Id = partition.JobId(job.Id),
        Name = "",
        Queue = partition.Queue,
        State = JobState.Failed,
        Priority = job.Lane,
        Reason = $"Its record cannot be read ({job.Unreadable}); the bytes are kept until the dead letter's time to live has passed.",
    };
}
