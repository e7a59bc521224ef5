using Krewe.Dispatch;
using Krewe.Jobs;
using Krewe.Storage;

namespace Krewe.Queues;

/// <summary>Cancel, redrive and forget: what callers may do to a job from outside.</summary>
/// <remarks>
/// Cancel is durable before it is told: of a running job the wish is written first, then the handler's silo is told. When that message is lost, the wish stays:
/// rescue, retry and snooze of such a job end in Cancelled. A handler that returns normally has succeeded; the first commit wins.
/// </remarks>
internal sealed class Steering(PartitionOwner owner, PartitionFlow flow, IAttemptCanceller canceller)
{
    /// <summary>A job can move between the look and the step; after this many times somebody is told to ask again.</summary>
    private const int MaxTries = 5;

    /// <summary>The places of a job that can be cancelled; a job in a place or a state of a newer version is left alone.</summary>
    private const JobPlace CancelledFrom = JobPlace.Waiting | JobPlace.Running;

    /// <inheritdoc cref="IQueueGrain.CancelAsync"/>
    public async Task<bool> CancelAsync(string id, string? reason)
    {
        for (var i = 0; i < MaxTries; i++)
        {
            var open = await owner.OpenAsync();
            if (open.Running.TryGetValue(id, out var running))
            {
                if (await CancelRunningAsync(open, running, reason))
                {
                    return true;
                }

                continue;
            }

            var found = (await owner.Services.Store.FindAsync(owner.Key, [id]))[0];
            if (found is not { Place: var place, Record: { } record } || (place & CancelledFrom) == 0 || !record.State.IsKnown())
            {
                return found is { Record.State: JobState.Cancelled };
            }

            var step = JobTransitions.Cancel(record, null, reason ?? "Cancelled by a caller.", owner.Services.Now);
            var answer = await open.CommitAsync(step);
            if (answer.Result == StepResult.Taken)
            {
                open.Left(answer.Place, record.ReplacedBy is null ? record.Name : ParkedNames.Replaced);
                if (record.ReplacedBy is { } flowId)
                {
                    owner.Services.Flows.Cancel(flowId, step.Record!.Reason);
                }

                flow.Ended(open, step);
                flow.TellWaiters();
                return true;
            }
        }

        throw new StoreUnavailableException($"The job '{owner.Key.JobId(id)}' kept moving while it was to be cancelled; ask again.");
    }

    /// <inheritdoc cref="IQueueGrain.RedriveAsync"/>
    public async Task<bool> RedriveAsync(string id)
    {
        var open = await owner.OpenAsync();
        if ((await owner.Services.Store.FindAsync(owner.Key, [id]))[0] is not { Record: { IsTombstone: false } record, Place: var place } || record.State == JobState.Succeeded || !record.State.IsKnown())
        {
            return false;
        }

        if ((place & JobPlace.Final) == 0)
        {
            return record.IsRedriven; // This very call, perhaps, whose answer was lost.
        }

        var step = JobTransitions.Redrive(record, place, open.NextPosition(), owner.Services.Now);
        var answer = await open.CommitAsync(step);
        if (answer.Result == StepResult.UniqueHeld)
        {
            throw new UniqueKeyHeldException(owner.Key.JobId(id), owner.Key.JobId(answer.HolderId ?? ""));
        }

        if (answer.Result != StepResult.Taken)
        {
            return false;
        }

        flow.Redriven(open, step);
        flow.Ring(open);
        return true;
    }

    /// <summary>Tells the silos again what is to be cancelled there: the message of the time may have come before the claim, or never.</summary>
    public void Remind(OwnedPartition open)
    {
        foreach (var running in open.Running.Values)
        {
            if (running.Record.IsCancelRequested)
            {
                canceller.Cancel(owner.Key, running.Record.Id, running.Claim);
            }
        }
    }

    /// <inheritdoc cref="IQueueGrain.ForgetAsync"/>
    public async Task<bool> ForgetAsync(string id)
    {
        var open = await owner.OpenAsync();
        if ((await owner.Services.Store.FindAsync(owner.Key, [id]))[0] is not { Place: var place, Record: { } record } || (place & JobPlace.Final) == 0 || !record.State.IsKnown())
        {
            return false;
        }

        return record.IsTombstone || (await open.CommitAsync(JobTransitions.Forget(record, place))).Result == StepResult.Taken;
    }

    private async Task<bool> CancelRunningAsync(OwnedPartition open, RunningJob running, string? reason)
    {
        if (open.Withdraw(running))
        {
            return await CancelUncollectedAsync(open, running, reason);
        }

        var asked = running.Record with { IsCancelRequested = true, Reason = reason ?? "Cancelled by a caller." };
        running.Record = asked; // Before the commit: whatever is written of this job behind it must carry the wish.
        if ((await open.CommitAsync(JobTransitions.Note(asked, running.Claim.Token))).Result != StepResult.Taken)
        {
            return false;
        }

        canceller.Cancel(owner.Key, asked.Id, running.Claim);
        return true;
    }

    /// <summary>Cancels a job that is claimed for a worker which has not collected it: it cannot have started.</summary>
    private async Task<bool> CancelUncollectedAsync(OwnedPartition open, RunningJob running, string? reason)
    {
        var step = JobTransitions.Cancel(running.Record, running.Claim.Token, reason ?? "Cancelled by a caller.", owner.Services.Now);
        if ((await open.CommitAsync(step)).Result != StepResult.Taken)
        {
            return false;
        }

        open.Running.Remove(step.Id);
        flow.Ended(open, step);
        flow.TellWaiters();
        return true;
    }
}
