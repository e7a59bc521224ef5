using Krewe.Dispatch;
using Krewe.Jobs;
using Krewe.Storage;

namespace Krewe.Queues;

/// <summary>Takes new jobs into a partition. Persists, then acknowledges.</summary>
internal sealed class Intake(PartitionOwner owner, PartitionFlow flow, Arrivals arrivals)
{
    /// <inheritdoc cref="IQueueGrain.AddAsync"/>
    public async Task<AddAnswer[]> AddAsync(NewJob[] jobs)
    {
        var open = await owner.OpenAsync();
        var services = owner.Services;
        if (IsFull(open, jobs.Length))
        {
            services.Metrics.Refused(owner.Key.Queue, jobs.Length);
            return [.. jobs.Select(_ => new AddAnswer(AddResult.QueueFull, null))];
        }

        var now = services.Now;
        var steps = new JobStep[jobs.Length];
        for (var i = 0; i < jobs.Length; i++)
        {
            steps[i] = JobTransitions.Add(jobs[i], open.NextPosition(), now);
        }

        var arrival = arrivals.TryClaim(open, steps);
        open.AddsUnderWay += arrival is null ? 1 : 0;
        try
        {
            var commit = open.CommitAsync(steps);
            if (arrival is not null)
            {
                arrivals.Call(arrival);
            }

            var answers = await commit;
            var added = new AddAnswer[jobs.Length];
            for (var i = 0; i < jobs.Length; i++)
            {
                added[i] = Answer(open, steps[i], jobs[i], answers[i]);
            }

            return added;
        }
        finally
        {
            open.AddsUnderWay -= arrival is null ? 1 : 0;
            arrival?.Settle();
            flow.Ring(open);
        }
    }

    private bool IsFull(OwnedPartition open, int more) =>
        owner.Services.Options.Queues.TryGetValue(owner.Key.Queue, out var queue) && queue.MaxLength is { } limit && open.Waiting + more > Math.Max(1, limit / flow.PartitionCount);

    private AddAnswer Answer(OwnedPartition open, JobStep step, NewJob job, StepAnswer answer)
    {
        switch (answer.Result)
        {
            case StepResult.Taken when step.Verb == JobVerb.AddClaimed:
                arrivals.Arrived(open, step);
                return new AddAnswer(AddResult.Added, null);
            case StepResult.Taken:
                flow.Added(open, step);
                return new AddAnswer(AddResult.Added, null);
            case StepResult.UniqueHeld:
                return new AddAnswer(AddResult.Existing, answer.HolderId);
            case StepResult.Exists:
                return answer.Fingerprint == job.Fingerprint ? new AddAnswer(AddResult.Existing, job.Id) : new AddAnswer(AddResult.Conflict, job.Id);
            default:
                owner.Services.Metrics.Refused(owner.Key.Queue, 1);
                return new AddAnswer(AddResult.QueueFull, null);
        }
    }
}
