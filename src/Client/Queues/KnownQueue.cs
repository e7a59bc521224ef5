namespace Krewe.Queues;

/// <summary>A queue that exists, with the ways to its partitions.</summary>
internal sealed class KnownQueue(string name, PartitionRoute[] partitions)
{
    private uint _next;

    internal string Name => name;

    internal IReadOnlyList<PartitionRoute> Partitions => partitions;

    /// <summary>Whether a partition may have room: not each of them was full a moment ago.</summary>
    internal bool HasRoom => Array.Exists(partitions, static route => !route.IsFull);

    /// <summary>The next partition in turn that may have room; the next in turn where none may.</summary>
    internal int NextPartition()
    {
        if (partitions.Length == 1)
        {
            return 0;
        }

        var first = (int)(Interlocked.Increment(ref _next) % (uint)partitions.Length);
        for (var step = 0; step < partitions.Length; step++)
        {
            if (!partitions[(first + step) % partitions.Length].IsFull)
            {
                return (first + step) % partitions.Length;
            }
        }

        return first;
    }

    /// <summary>So many partitions at most, beginning with the next in turn: those that may have room, or all where none may.</summary>
    internal int[] NextPartitions(int count)
    {
        var first = NextPartition();
        var inTurn = Enumerable.Range(first, partitions.Length).Select(number => number % partitions.Length);
        var hasRoom = HasRoom;
        return [.. inTurn.Where(number => !hasRoom || !partitions[number].IsFull).Take(count)];
    }
}
