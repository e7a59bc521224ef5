using Krewe.Jobs;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Bounds the lists of finished jobs.</summary>
/// <remarks>What is one too many goes, but not before its id may be forgotten; until then it is out of the list. Redis removes records by their time to live and says nothing; so their ends lie in a sorted set beside each list, one for the neighbours that end together.</remarks>
internal sealed class RedisPurge(RedisCaller caller, RedisRecords records, TimeProvider timeProvider)
{
    private const int MaxPurged = 256;
    private const long MaxReadBytes = 1024 * 1024;

    internal async Task<bool> PurgeAsync(PartitionKeys keys, PartitionLease lease, long maxListed)
    {
        var (taken, left) = await RunAsync(keys, lease, []);
        var isMore = taken >= MaxPurged;
        if (left > maxListed)
        {
            var count = Math.Min(left - maxListed, MaxPurged);
            var oldest = await caller.CallAsync(database => database.SortedSetRangeByRankAsync(keys.Done, 0, count - 1, Order.Ascending, CommandFlags.DemandMaster));
            for (var done = 0; done < oldest.Length;)
            {
                var page = await records.ReadAsync(keys, Array.ConvertAll(oldest[done..], id => id.ToString()), MaxReadBytes);
                (taken, left) = await RunAsync(keys, lease, page);
                isMore |= taken >= MaxPurged;
                done += page.Count;
            }

            isMore |= left > maxListed;
        }

        return isMore;
    }

    private async Task<(int Taken, long Left)> RunAsync(PartitionKeys keys, PartitionLease lease, List<StoredRecord> jobs)
    {
        var now = timeProvider.GetUtcNow();
        RedisKey[] scriptKeys = [keys.Meta, keys.Dead, keys.DeadEnds, keys.Done, keys.DoneEnds, .. jobs.Select(job => keys.Record(job.Id))];
        var result = await caller.RunAsync(caller.Scripts.Purge, scriptKeys, [lease.Epoch, MaxPurged, .. jobs.SelectMany(job => new RedisValue[] { job.Id, Stays(job, now) })]);
        var taken = (int)result[0];
        return taken >= 0 ? (taken, (long)result[1]) : throw new StaleEpochException(lease.Key, lease.Epoch);
    }

    private static long Stays(StoredRecord job, DateTimeOffset now) =>
        !job.IsGone && job.ToJob(JobPlace.Done).Record is { } record && JobLifetimes.StaysUntil(record) is var until && until > now ? RedisTime.Milliseconds(until - now) : 0;
}
