using Krewe.Jobs;
using Krewe.Storage;

namespace Krewe.Queues;

/// <summary>A partition as one epoch of its owner knows it. Thrown away whole when the epoch ends or a commit's outcome is unknown; the next one reads the store.</summary>
internal sealed class OwnedPartition(PartitionKey key, PartitionLease lease, GroupCommit commits)
{
    public PartitionKey Key { get; } = key;

    public PartitionLease Lease { get; } = lease;

    public long Epoch => Lease.Epoch;

    public QueueWindow Window { get; } = new();

    /// <summary>Claimed jobs by the last part of their ids.</summary>
    public Dictionary<string, RunningJob> Running { get; } = [];

    /// <summary>Those of <see cref="Running"/> that were claimed for a worker as they were added, and that it has not collected yet. Few.</summary>
    public List<RunningJob> Arrived { get; } = [];

    /// <summary>New jobs for the lanes that are being committed.</summary>
    public int AddsUnderWay { get; set; }

    /// <summary>New jobs on their way to the store.</summary>
    public int Entering { get; set; }

    /// <summary>Bytes of their args.</summary>
    public long EnteringBytes { get; set; }

    /// <summary>Parked jobs by name.</summary>
    public Dictionary<string, long> Parked { get; } = [];

    /// <summary>Jobs in Ready and Due, for the queue's limit.</summary>
    public long Waiting { get; set; }

    /// <summary>A waiting job left its place for good.</summary>
    public void Left(JobPlace place, string name)
    {
        if (place != JobPlace.Parked)
        {
            Waiting--;
        }
        else if (Parked.TryGetValue(name, out var count) && count > 1)
        {
            Parked[name] = count - 1;
        }
        else
        {
            Parked.Remove(name);
        }
    }

    /// <summary>Takes a claim back that was not collected, before the step that ends it is committed.</summary>
    /// <returns>Whether it was one.</returns>
    public bool Withdraw(RunningJob running) => running.IsWithdrawn |= Arrived.Remove(running);

    /// <summary>The refill under way, if any; others wait for the same one.</summary>
    public Task? Refill { get; set; }

    /// <summary>The next position in the partition's order. Take it and hand the step to <see cref="CommitAsync(IReadOnlyList{JobStep})"/> without an await between: positions must reach the store in order.</summary>
    public long NextPosition() => ++Lease.LastPosition;

    /// <summary>Whether its epoch has ended: whoever still works on it commits nothing more.</summary>
    public bool HasEnded { get; set; }

    /// <exception cref="StoreUnavailableException">The store failed, or the epoch has ended.</exception>
    public Task<StepAnswer[]> CommitAsync(IReadOnlyList<JobStep> steps)
    {
        if (HasEnded)
        {
            throw new StoreUnavailableException($"Partition {Key} was read anew; ask again under the same id.") { IsOfTheOwner = true };
        }

        return steps.Count <= GroupCommit.MaxSteps ? commits.CommitAsync(steps) : CommitInPartsAsync(steps);
    }

    public async Task<StepAnswer> CommitAsync(JobStep step) => (await CommitAsync([step]))[0];

    private async Task<StepAnswer[]> CommitInPartsAsync(IReadOnlyList<JobStep> steps)
    {
        var parts = steps.Chunk(GroupCommit.MaxSteps).Select(commits.CommitAsync).ToList(); // All handed over before the first await, in order.
        return [.. (await Task.WhenAll(parts)).SelectMany(answers => answers)];
    }
}

/// <summary>A claimed job as its partition's owner knows it.</summary>
internal sealed class RunningJob(JobRecord record, JobClaim claim)
{
    /// <summary>As of the claim, with the notes since.</summary>
    public JobRecord Record { get; set; } = record;

    public JobClaim Claim { get; } = claim;

    /// <summary>The worker's call that was answered with this claim; 0 when it was read from the store or is not collected yet.</summary>
    public long Sequence { get; set; }

    /// <summary>When it was claimed as it was added, as a timestamp; nothing else has this.</summary>
    public long ArrivedAt { get; init; }

    /// <summary>Its worker did not collect it, and the step that takes it away is on its way: it is offered to nobody.</summary>
    public bool IsWithdrawn { get; set; }

    /// <summary>When its record was last written with a note, as a timestamp; null: not yet.</summary>
    public long? NotedAt { get; set; }
}
