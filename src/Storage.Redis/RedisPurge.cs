using System.Collections.Concurrent;
using System.Globalization;
using Krewe.Queues;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Bounds the lists of finished jobs.</summary>
/// <remarks>
/// Redis removes records by their time to live and says nothing, so the lists are walked: each call looks at the oldest entries beyond the allowed number,
/// and at a window of dead and of finished jobs that moves on with every call.
/// </remarks>
internal sealed class RedisPurge(RedisCaller caller)
{
    private const int Window = 256;
    private readonly ConcurrentDictionary<(PartitionKey Key, JobPlace Place), long> _walked = new();

    internal async Task<bool> PurgeAsync(PartitionKeys keys, PartitionLease lease, long maxListed)
    {
        var excess = await caller.CallAsync(database => database.SortedSetLengthAsync(keys.Done, flags: CommandFlags.DemandMaster)) - maxListed;
        if (excess > 0)
        {
            var oldest = await EntriesAsync(keys.Done, -1, (int)Math.Min(excess, Window));
            excess -= await RemoveAsync(keys, lease, JobPlace.Done, oldest, isExcess: true);
        }

        var isMore = excess > 0;
        foreach (var place in new[] { JobPlace.Done, JobPlace.Dead })
        {
            isMore |= await WalkAsync(keys, lease, place);
        }

        return isMore;
    }

    internal void Forget(PartitionKey key)
    {
        _walked.TryRemove((key, JobPlace.Done), out _);
        _walked.TryRemove((key, JobPlace.Dead), out _);
    }

    private static RedisKey Ended(PartitionKeys keys, JobPlace place) => place == JobPlace.Done ? keys.Done : keys.Dead;

    private async Task<bool> WalkAsync(PartitionKeys keys, PartitionLease lease, JobPlace place)
    {
        var at = (keys.Key, place);
        var entries = await EntriesAsync(Ended(keys, place), _walked.GetValueOrDefault(at, -1), Window);
        var removed = entries.Count == 0 ? 0 : await RemoveAsync(keys, lease, place, entries, isExcess: false);
        var isEnd = entries.Count < Window;
        _walked[at] = isEnd ? -1 : entries[^1].Position;
        return removed > 0 && !isEnd;
    }

    private async Task<IReadOnlyList<LaneEntry>> EntriesAsync(RedisKey ended, long after, int max)
    {
        var entries = await caller.CallAsync(database =>
            database.SortedSetRangeByScoreWithScoresAsync(ended, after, double.PositiveInfinity, Exclude.Start, Order.Ascending, 0, max, CommandFlags.DemandMaster));
        return LaneEntry.Read(entries);
    }

    private async Task<int> RemoveAsync(PartitionKeys keys, PartitionLease lease, JobPlace place, IReadOnlyList<LaneEntry> entries, bool isExcess)
    {
        RedisKey[] scriptKeys = [keys.Meta, Ended(keys, place), .. entries.Select(entry => keys.Record(entry.Id))];
        RedisValue[] arguments =
        [
            lease.Epoch, ((char)('@' + (int)place)).ToString(CultureInfo.InvariantCulture),
            .. entries.SelectMany(entry => (RedisValue[])[entry.Id, isExcess ? "x" : "-"]),
        ];
        var removed = (int)await caller.RunAsync(caller.Scripts.Purge, scriptKeys, arguments);
        return removed >= 0 ? removed : throw new StaleEpochException(lease.Key, lease.Epoch);
    }
}
