using Krewe.Queues;

namespace Krewe.Storage;

/// <summary>The right to write to a partition: its epoch. Made by <see cref="IJobStore.OpenPartitionAsync"/>; void as soon as somebody opens the partition after.</summary>
/// <remarks>Not thread-safe: one commit at a time.</remarks>
internal sealed class PartitionLease(PartitionKey key, long epoch, long revision, long lastPosition)
{
    public PartitionKey Key { get; } = key;

    public long Epoch { get; } = epoch;

    /// <summary>Commits so far; checked and raised by every commit, so that a store that went back in time is noticed.</summary>
    public long Revision { get; set; } = revision;

    /// <summary>The highest position given so far, in any lane; the owner counts on from here.</summary>
    public long LastPosition { get; set; } = lastPosition;
}
