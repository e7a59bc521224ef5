namespace Krewe.Queues;

/// <summary>A queue that exists, with the ways to its partitions.</summary>
internal sealed class KnownQueue(string name, PartitionRoute[] partitions)
{
    private uint _next;

    internal string Name => name;

    internal IReadOnlyList<PartitionRoute> Partitions => partitions;

    /// <summary>The next partition in turn.</summary>
    internal int NextPartition() => partitions.Length == 1 ? 0 : (int)(Interlocked.Increment(ref _next) % (uint)partitions.Length);
}

/// <summary>The way to one partition's owner.</summary>
internal sealed class PartitionRoute(PartitionKey key, IQueueGrain grain, TimeProvider time)
{
    internal PartitionKey Key => key;

    internal IQueueGrain Grain => grain;

    internal EnqueueBatcher Batcher { get; } = new(key, grain, time);
}
