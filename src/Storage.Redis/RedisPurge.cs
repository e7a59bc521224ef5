using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Bounds the lists of finished jobs.</summary>
/// <remarks>Redis removes records by their time to live and says nothing; so their ends lie in a sorted set beside each list, one for the neighbours that end together.</remarks>
internal sealed class RedisPurge(RedisCaller caller)
{
    private const int MaxPurged = 256;

    internal async Task<bool> PurgeAsync(PartitionKeys keys, PartitionLease lease, long maxListed)
    {
        var (taken, left) = await RunAsync(keys, lease, []);
        var isMore = taken >= MaxPurged;
        if (left > maxListed)
        {
            var count = Math.Min(left - maxListed, MaxPurged);
            var oldest = await caller.CallAsync(database => database.SortedSetRangeByRankAsync(keys.Done, 0, count - 1, Order.Ascending, CommandFlags.DemandMaster));
            (taken, left) = await RunAsync(keys, lease, oldest);
            isMore |= taken >= MaxPurged || left > maxListed;
        }

        return isMore;
    }

    private async Task<(int Taken, long Left)> RunAsync(PartitionKeys keys, PartitionLease lease, RedisValue[] ids)
    {
        RedisKey[] scriptKeys = [keys.Meta, keys.Dead, keys.DeadEnds, keys.Done, keys.DoneEnds, .. ids.Select(id => keys.Record(id.ToString()))];
        var result = await caller.RunAsync(caller.Scripts.Purge, scriptKeys, [lease.Epoch, MaxPurged, .. ids]);
        var taken = (int)result[0];
        return taken >= 0 ? (taken, (long)result[1]) : throw new StaleEpochException(lease.Key, lease.Epoch);
    }
}
