namespace Krewe.Queues;

/// <summary>The way to one partition's owner.</summary>
/// <remarks>A partition that refused a job because its share of the queue's limit was used up is passed over for a second, where the job may go to another one as well.</remarks>
internal sealed class PartitionRoute(PartitionKey key, IQueueGrain grain, EnqueueBudget budget, TimeProvider time)
{
    private const long NotFull = long.MinValue;
    internal static readonly TimeSpan FullFor = TimeSpan.FromSeconds(1);

    private long _fullAt = NotFull;

    internal PartitionKey Key => key;

    internal IQueueGrain Grain => grain;

    internal EnqueueBatcher Batcher { get; } = new(key, grain, budget, time);

    /// <summary>Whether it was full within the last second.</summary>
    internal bool IsFull => Volatile.Read(ref _fullAt) is var at and not NotFull && time.GetElapsedTime(at) < FullFor;

    /// <summary>It refused a job because it is full.</summary>
    internal void MarkFull() => Volatile.Write(ref _fullAt, time.GetTimestamp());
}
