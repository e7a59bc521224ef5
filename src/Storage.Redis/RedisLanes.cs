using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Reads what waits: lanes in order of position, due and expiring jobs in order of instant.</summary>
/// <remarks>
/// A page is two calls, its entries and their records. A commit between them changes nothing that matters: the record says where the job lies by then, and a
/// position is never used twice, so an entry whose record names another one is a leftover for good.
/// </remarks>
internal sealed class RedisLanes(RedisCaller caller, RedisRecords records, ILogger<RedisJobStore> logger)
{
    private const long MaxPageBytes = 4 * 1024 * 1024;
    private const int MaxSwept = 256;

    /// <summary>Positions that a page spans for each of its entries, beyond which the lane is looked at: positions are given to all lanes of a partition together, so a page can be wide without being sparse.</summary>
    private const int WideSpan = 16;

    /// <summary>Nodes of a lane (about 100 entries, 4 KiB) below which there is nothing to win.</summary>
    private const int MinNodes = 32;

    /// <summary>Entries a node below which a lane is sparse. Full nodes hold 28 (ids of 128 characters) to 100, so a lane that was compacted is not sparse.</summary>
    private const int SparseEntriesPerNode = 8;

    /// <summary>Entries that are moved in one go, during which Redis serves nobody else (15 ms for 4,000 on two busy cores); a lane with more waits until fewer are left.</summary>
    private const int MaxMoved = 4_000;

    internal async Task<LanePage> ReadLaneAsync(PartitionKeys keys, int lane, long after, int max)
    {
        var stream = keys.Lanes[lane];
        var found = LaneEntry.Read(await caller.CallAsync(database =>
            database.StreamRangeAsync(stream, LaneEntry.After(after), "+", max + 1, Order.Ascending, CommandFlags.DemandMaster)));
        var entries = found.AsSpan(0, Math.Min(max, found.Length)).ToArray();
        var read = entries.Length == 0 ? [] : await records.ReadAsync(keys, Array.ConvertAll(entries, entry => entry.Id), MaxPageBytes);
        var jobs = new List<StoredJob>(read.Count);
        var leftovers = new List<RedisValue>();
        for (var i = 0; i < read.Count; i++)
        {
            var (record, entry) = (read[i], entries[i]);
            if (IsLeftover(record, lane, entry.Position))
            {
                leftovers.Add(entry.Position);
            }
            else if (!record.IsRunning)
            {
                jobs.Add(record.ToJob(JobPlace.Ready, lane, entry.Position));
            }
        }

        await SweepAsync(stream, "entries", leftovers);
        if (entries.Length > 1 && (entries[^1].Position - entries[0].Position) / entries.Length >= WideSpan)
        {
            await CompactAsync(stream);
        }

        return new(jobs, read.Count == 0 ? after : entries[read.Count - 1].Position, read.Count == found.Length);
    }

    /// <summary>Reads a sorted set of instants: due, or expiry.</summary>
    internal async Task<DuePage> ReadInstantsAsync(PartitionKeys keys, RedisKey instants, DateTimeOffset until, int max)
    {
        var found = await caller.CallAsync(database => database.SortedSetRangeByRankWithScoresAsync(instants, 0, max, Order.Ascending, CommandFlags.DemandMaster));
        var last = RedisTime.LastMicrosecondAt(until);
        var ids = found.Take(max).TakeWhile(entry => entry.Score <= last).Select(entry => entry.Element.ToString()).ToArray();
        var read = ids.Length == 0 ? [] : await records.ReadAsync(keys, ids, MaxPageBytes);
        await SweepAsync(instants, "members", [.. read.Where(record => record.IsGone).Select(record => (RedisValue)record.Id)]);
        var place = instants == keys.Due ? JobPlace.Due : JobPlace.Ready;
        return new(
            [.. read.Where(record => !record.IsGone).Select(record => record.ToJob(place))],
            read.Count < found.Length ? RedisTime.FromMicroseconds(found[read.Count].Score) : null);
    }

    internal static bool IsLeftover(StoredRecord record, int lane, long position) =>
        record.IsGone || (record.Header is { } header && (header.Place != JobPlace.Ready || header.Lane != lane || header.Position != position));

    /// <summary>Adds the entries of a lane again whose removed ones keep the memory. Best effort: a page that was read is a page.</summary>
    private async Task CompactAsync(RedisKey stream)
    {
        try
        {
            if ((long)await caller.RunAsync(caller.Scripts.Compact, [stream], MinNodes, SparseEntriesPerNode, MaxMoved) is > 0 and var moved)
            {
                logger.LaneCompacted(stream.ToString(), moved);
            }
        }
        catch (StoreUnavailableException)
        {
            // The next read of a page will meet it again.
        }
    }

    private async Task SweepAsync(RedisKey key, string kind, List<RedisValue> leftovers)
    {
        foreach (var chunk in leftovers.Chunk(MaxSwept))
        {
            await caller.RunAsync(caller.Scripts.Sweep, [key], [kind, .. chunk]);
            logger.LeftoversRemoved(chunk.Length, key.ToString());
        }
    }
}
