using Krewe.Dispatch;
using Krewe.Jobs;
using Krewe.Storage;

namespace Krewe.Queues;

/// <summary>Takes new jobs into a partition. Persists, then acknowledges.</summary>
/// <remarks>
/// Two bounds keep new work out, and only that. The queue's limit is the caller's to set: of a call as many jobs are taken as there is room for, in order, jobs on
/// their way to the store included. What is on its way is bounded by itself, so that callers that are faster than the store do not fill the memory: a call beyond it
/// is refused whole, and is worth repeating a moment later.
/// </remarks>
internal sealed class Intake(PartitionOwner owner, PartitionFlow flow, Arrivals arrivals)
{
    /// <summary>New jobs on their way to the store.</summary>
    internal const int MaxEntering = 65_536;

    /// <summary>Bytes of their args.</summary>
    internal const long MaxEnteringBytes = 128 * 1024 * 1024;

    /// <inheritdoc cref="IQueueGrain.AddAsync"/>
    public async Task<AddAnswer[]> AddAsync(NewJob[] jobs)
    {
        var open = await owner.OpenAsync();
        var room = jobs.Length > 0 && jobs[0].IsOwed ? int.MaxValue : Room(open);
        if (jobs.Length <= room)
        {
            return await EnterAsync(open, jobs);
        }

        var entered = room == 0 ? [] : await EnterAsync(open, jobs[..room]);
        return [.. entered, .. await RefuseAsync(open, jobs[room..])];
    }

    /// <summary>A partition's share of its queue's limit: what does not divide goes to the first ones, and each may have one.</summary>
    internal static long ShareOf(long limit, int partition, int partitions) => Math.Max(1, (limit / partitions) + (partition < limit % partitions ? 1 : 0));

    private int Room(OwnedPartition open) =>
        owner.Services.Options.Queues.TryGetValue(owner.Key.Queue, out var queue) && queue.MaxQueueLength is { } limit
            ? (int)Math.Clamp(ShareOf(limit, owner.Key.Partition, flow.PartitionCount) - open.Waiting - open.Parked.Where(ParkedNames.IsUnhandled).Sum(static parked => parked.Value) - open.Entering, 0, int.MaxValue)
            : int.MaxValue;

    private async Task<AddAnswer[]> EnterAsync(OwnedPartition open, NewJob[] jobs)
    {
        var bytes = jobs.Sum(static job => (long)job.Args.Length);
        if (open.Entering > 0 && (open.Entering + jobs.Length > MaxEntering || open.EnteringBytes + bytes > MaxEnteringBytes))
        {
            owner.Services.Metrics.Refused(owner.Key.Queue, jobs.Length);
            throw new StoreUnavailableException($"Partition {owner.Key} has {open.Entering} new jobs on their way to the store, as many as it may; ask again a moment later.");
        }

        (open.Entering, open.EnteringBytes) = (open.Entering + jobs.Length, open.EnteringBytes + bytes);
        try
        {
            return await CommitAsync(open, jobs);
        }
        finally
        {
            (open.Entering, open.EnteringBytes) = (open.Entering - jobs.Length, open.EnteringBytes - bytes);
        }
    }

    private async Task<AddAnswer[]> CommitAsync(OwnedPartition open, NewJob[] jobs)
    {
        var now = owner.Services.Now;
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

    /// <summary>Refuses new jobs. One that is there already is told so: its call is repeated, and its caller must not think that it was not stored.</summary>
    /// <remarks>What is on its way to the store is waited for: it may be the same jobs, of a call that is asked again while the first is under way.</remarks>
    private async Task<AddAnswer[]> RefuseAsync(OwnedPartition open, NewJob[] jobs)
    {
        if (open.Entering > 0)
        {
            await open.CommitAsync([]);
        }

        var found = await owner.Services.Store.FindAsync(owner.Key, Array.ConvertAll(jobs, static job => job.Id));
        var answers = new AddAnswer[jobs.Length];
        for (var i = 0; i < jobs.Length; i++)
        {
            answers[i] = found[i] is not { } there ? new AddAnswer(AddResult.QueueFull, null)
                : there.Record?.Fingerprint == jobs[i].Fingerprint ? new AddAnswer(AddResult.Existing, jobs[i].Id)
                : new AddAnswer(AddResult.Conflict, jobs[i].Id);
        }

        owner.Services.Metrics.Refused(owner.Key.Queue, answers.Count(static answer => answer.Result == AddResult.QueueFull));
        return answers;
    }

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
