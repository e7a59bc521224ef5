using Krewe.Queues;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>What the installation as a whole knows: queues, names, partitions that may hold jobs.</summary>
internal sealed class RedisCatalogue(RedisCaller caller, string prefix, TimeProvider timeProvider)
{
    private const int MaxNames = 256;
    private readonly RedisKey _queues = prefix + "queues";
    private readonly RedisKey _names = prefix + "names";

    /// <summary>Partitions by the epoch of their last opening.</summary>
    internal RedisKey Partitions { get; } = prefix + "catalogue";

    internal async Task<int> DeclareQueueAsync(string queue, int partitions) =>
        (int)await caller.RunAsync(caller.Scripts.Declare, [_queues], "queue", queue, partitions);

    internal async Task<IReadOnlyDictionary<string, int>> ListQueuesAsync()
    {
        var queues = await caller.CallAsync(database => database.HashGetAllAsync(_queues, CommandFlags.DemandMaster));
        return queues.ToDictionary(queue => queue.Name.ToString(), queue => (int)queue.Value, StringComparer.Ordinal);
    }

    internal async Task DeclareNamesAsync(IReadOnlyCollection<string> names)
    {
        var now = RedisTime.LastMicrosecondAt(timeProvider.GetUtcNow());
        foreach (var chunk in names.Chunk(MaxNames))
        {
            await caller.RunAsync(caller.Scripts.Declare, [_names], ["names", now, .. chunk.Select(name => (RedisValue)name)]);
        }
    }

    internal async Task<bool> IsNameDeclaredAsync(string name, TimeSpan within)
    {
        var declared = await caller.CallAsync(database => database.SortedSetScoreAsync(_names, name, CommandFlags.DemandMaster));
        return declared is { } microseconds && timeProvider.GetUtcNow() - RedisTime.FromMicroseconds(microseconds) <= within;
    }

    internal async Task<IReadOnlyList<PartitionKey>> ListPartitionsAsync()
    {
        var partitions = await caller.CallAsync(database => database.SortedSetRangeByRankAsync(Partitions, 0, -1, Order.Ascending, CommandFlags.DemandMaster));
        return [.. partitions.Select(partition => PartitionKey.Parse(partition.ToString()))];
    }
}
