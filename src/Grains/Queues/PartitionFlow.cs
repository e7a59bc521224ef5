using Krewe.Diagnostics;
using Krewe.Dispatch;
using Krewe.Flows;
using Krewe.Jobs;
using Krewe.Storage;

namespace Krewe.Queues;

/// <summary>What follows in memory when a step has been taken: the window, the timers, the bells, the waiters, the events. Called after the commit, never before.</summary>
internal sealed class PartitionFlow(PartitionOwner owner, WorkerBells bells, EndingBoard board)
{
    private OwnerServices Services => owner.Services;

    /// <summary>Partitions of this queue, for limits that are set per queue.</summary>
    public int PartitionCount { get; set; } = 1;

    /// <summary>Jobs accepted, over the last minute.</summary>
    public RateMeter Enqueues { get; } = new();

    /// <summary>Jobs that became final under this activation.</summary>
    public long EndedCount { get; private set; }

    /// <summary>Jobs that became final, over the last minute.</summary>
    public RateMeter Finishes { get; } = new();

    /// <summary>Called when a job waits for an instant: due (true) or expiry (false).</summary>
    public Action<DateTimeOffset, bool>? Armed { get; set; }

    /// <summary>Wakes idle workers when there is something to claim.</summary>
    public void Ring(OwnedPartition open)
    {
        if (open.Window.HasMore)
        {
            bells.Ring(open.Window.Count, open.Window.HeadPriority);
        }
    }

    /// <summary>A new job is durable.</summary>
    public void Added(OwnedPartition open, JobStep step)
    {
        var record = step.Record!;
        Services.Metrics.Enqueued(owner.Key.Queue, record.Name);
        Enqueues.Mark(record.EnqueuedAt);
        open.Waiting++;
        switch (step.To)
        {
            case JobPlace.Ready:
                open.Window.Append(record);
                Tell("job.queued", record);
                break;
            case JobPlace.Due:
                Tell("job.scheduled", record);
                break;
            default:
                open.Waiting--;
                Ended(open, step);
                return;
        }

        Arm(step);
    }

    /// <summary>A new job is durable, and claimed for a worker.</summary>
    public void Arrived(JobStep step)
    {
        var record = step.Record!;
        Services.Metrics.Enqueued(owner.Key.Queue, record.Name);
        Enqueues.Mark(record.EnqueuedAt);
        Tell("job.queued", record);
        Claimed(record, Services.Now);
    }

    /// <summary>A job is claimed.</summary>
    public void Claimed(JobRecord record, DateTimeOffset now)
    {
        Services.Metrics.Claimed(owner.Key.Queue, record.Name, now - (record.DueAt ?? record.EnqueuedAt));
        Tell("job.claimed", record);
    }

    /// <summary>A job came back to Ready: at the tail (promoted, unparked, redriven) or at its old place (released, rescued).</summary>
    public void Queued(OwnedPartition open, JobStep step)
    {
        var record = step.Record!;
        if (step.IsAtTail)
        {
            open.Window.Append(record);
        }
        else
        {
            open.Window.Return(record);
        }

        Arm(step);
        Tell(step.Verb switch
        {
            JobVerb.Promote => "job.promoted",
            JobVerb.Unpark => "job.unparked",
            JobVerb.Rescue => "job.rescued",
            JobVerb.Redrive => "job.redriven",
            _ => "job.released",
        }, record);
    }

    /// <summary>A final job was sent round again.</summary>
    public void Redriven(OwnedPartition open, JobStep step)
    {
        open.Waiting++;
        open.Window.Drop(step.Record!); // What it still has of the job's life before the end.
        Queued(open, step);
    }

    /// <summary>An attempt ended and the job goes on later.</summary>
    public void Delayed(OwnedPartition open, JobStep step)
    {
        open.Waiting++;
        Arm(step);
        var record = step.Record!;
        var isRetry = step.Verb == JobVerb.Retry;
        if (isRetry)
        {
            Services.Metrics.Retried(owner.Key.Queue, record.Name);
            Log.JobRetried(Services.Logger, owner.Key.JobId(record.Id), record.Name, record.FailedAttempts, step.DueAt!.Value, record.Errors is { Count: > 0 } errors ? errors[^1].Type : "");
        }

        Tell(isRetry ? "job.retried" : "job.snoozed", record);
    }

    /// <summary>A job lies parked.</summary>
    public void Parked(OwnedPartition open, JobStep step)
    {
        var name = step.ParkedName!;
        if (!open.Parked.TryGetValue(name, out var count) && step.Verb == JobVerb.Park)
        {
            Log.NameParked(Services.Logger, name, owner.Key.Queue);
        }

        open.Parked[name] = count + 1;
        Arm(step);
        Tell(step.Verb == JobVerb.Replace ? "job.replaced" : "job.parked", step.Record!);
    }

    /// <summary>A job is final.</summary>
    public void Ended(OwnedPartition open, JobStep step)
    {
        var record = step.Record!;
        Services.Metrics.Finished(owner.Key.Queue, record.Name, record.State, record.FinishedAt - record.EnqueuedAt);
        EndedCount++;
        Finishes.Mark(record.FinishedAt ?? Services.Now);
        board.Ended(owner.Key, record);
        if (record.FlowId is { } flow)
        {
            Services.Flows.Post(flow, new MemberEnd(record.Member, record.State, record.Run));
        }

        if (record.State == JobState.Failed)
        {
            Log.JobFailed(Services.Logger, owner.Key.JobId(record.Id), record.Name, record.Reason ?? "", record.Errors is { Count: > 0 } errors ? errors[^1].Type : "");
        }

        Tell(record.State switch
        {
            JobState.Succeeded => "job.succeeded",
            JobState.Failed => "job.failed",
            JobState.Cancelled => "job.cancelled",
            _ => "job.expired",
        }, record);
    }

    /// <summary>Tells waiters what <see cref="Ended"/> noted.</summary>
    public void TellWaiters() => board.Tell();

    public void Tell(string kind, JobRecord record)
    {
        if (Services.Events.IsWatched)
        {
            var attempt = record.FailedAttempts + (kind is "job.claimed" or "job.succeeded" ? 1 : 0);
            Services.Events.Publish(new JobEvent(kind, owner.Key.JobId(record.Id), record.Name, owner.Key.Queue, kind == "job.claimed" ? JobState.Running : record.State, attempt, Services.Now, record.Reason));
        }
    }

    private void Arm(JobStep step)
    {
        if (step.DueAt is { } due)
        {
            Armed?.Invoke(due, true);
        }

        if (step.ExpiresAt is { } expiry)
        {
            Armed?.Invoke(expiry, false);
        }
    }
}
