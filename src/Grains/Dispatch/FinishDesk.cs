using Krewe.Execution;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Dispatch;

/// <summary>Records how attempts ended, fenced by token and epoch.</summary>
/// <remarks>
/// An outcome is taken when its token is the running claim's. Told again after it was taken (the answer was lost, the owner moved), the job is no longer
/// running and its record carries the token: it is answered as recorded. Anything else is a late outcome of a worker that was declared dead: counted and dropped.
/// </remarks>
internal sealed class FinishDesk(PartitionOwner owner, PartitionFlow flow, Purger purger)
{
    /// <summary>Between two writes of a job's progress.</summary>
    private static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="IDispatchGrain.FinishAsync"/>
    public async Task<OutcomeAnswer[]> FinishAsync(AttemptOutcome[] outcomes)
    {
        var open = await owner.OpenAsync();
        var answers = new OutcomeAnswer[outcomes.Length];
        var steps = new List<JobStep>(outcomes.Length);
        var taken = new List<int>(outcomes.Length);
        List<int>? strangers = null;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (open.Running.TryGetValue(outcomes[i].Id, out var running) && running.Claim.Token == outcomes[i].Token)
            {
                steps.Add(JobTransitions.Finish(running.Record, outcomes[i], running.Record.IsCancelRequested, owner.Services.Transition() with { Worker = running.Claim.WorkerName }));
                taken.Add(i);
            }
            else
            {
                (strangers ??= []).Add(i);
            }
        }

        if (steps.Count > 0)
        {
            var results = await open.CommitAsync(steps);
            for (var i = 0; i < results.Length; i++)
            {
                if (results[i].Result == StepResult.Taken)
                {
                    Settle(open, steps[i]);
                }
                else
                {
                    (strangers ??= []).Add(taken[i]);
                }
            }

            flow.TellWaiters();
            flow.Ring(open);
            purger.Look(open);
        }

        if (strangers is not null)
        {
            await JudgeAsync(outcomes, answers, strangers);
        }

        return answers;
    }

    /// <inheritdoc cref="IDispatchGrain.ProgressAsync"/>
    public async Task NoteAsync(ProgressNote[] notes)
    {
        var open = await owner.OpenAsync();
        var steps = new List<JobStep>();
        foreach (var note in notes)
        {
            if (open.Running.TryGetValue(note.Id, out var running) && running.Claim.Token == note.Token)
            {
                running.Record = running.Record with { Progress = note.Progress };
                if (running.NotedAt is not { } notedAt || owner.Services.Time.GetElapsedTime(notedAt) >= NoteInterval)
                {
                    running.NotedAt = owner.Services.Time.GetTimestamp();
                    steps.Add(JobTransitions.Note(running.Record, note.Token));
                }
            }
        }

        if (steps.Count > 0)
        {
            await open.CommitAsync(steps);
            steps.ForEach(step => flow.Tell("job.progressed", step.Record!));
        }
    }

    /// <inheritdoc cref="IDispatchGrain.LeaveAsync"/>
    public async Task LeaveAsync(string[] ids, string[] tokens)
    {
        var open = await owner.OpenAsync();
        var steps = new List<JobStep>();
        for (var i = 0; i < ids.Length; i++)
        {
            if (open.Running.TryGetValue(ids[i], out var running) && running.Claim.Token == tokens[i])
            {
                running.Record = running.Record with { DrainedToken = tokens[i] };
                steps.Add(JobTransitions.Note(running.Record, tokens[i]));
            }
        }

        if (steps.Count > 0)
        {
            await open.CommitAsync(steps);
        }
    }

    private void Settle(OwnedPartition open, JobStep step)
    {
        open.Running.Remove(step.Id);
        switch (step.To)
        {
            case JobPlace.Ready:
                open.Waiting++;
                flow.Queued(open, step);
                break;
            case JobPlace.Due:
                flow.Delayed(open, step);
                break;
            case JobPlace.Parked:
                flow.Parked(open, step);
                break;
            default:
                flow.Ended(open, step);
                break;
        }
    }

    private async Task JudgeAsync(AttemptOutcome[] outcomes, OutcomeAnswer[] answers, List<int> strangers)
    {
        var found = await owner.Services.Store.FindAsync(owner.Key, [.. strangers.Select(i => outcomes[i].Id)]);
        for (var i = 0; i < found.Length; i++)
        {
            var outcome = outcomes[strangers[i]];
            if (found[i] is { Record: { } record, Place: not JobPlace.Running } && record.Token == outcome.Token)
            {
                continue; // Recorded before; the answer was lost.
            }

            answers[strangers[i]] = OutcomeAnswer.Fenced;
            owner.Services.Metrics.Fenced(owner.Key.Queue);
            Log.OutcomeFenced(owner.Services.Logger, owner.Key.JobId(outcome.Id), outcome.Token);
        }
    }
}
