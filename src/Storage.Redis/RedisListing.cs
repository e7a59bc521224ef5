using System.Globalization;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Lists a partition's jobs by place, and counts them.</summary>
/// <remarks>Cursors name an entry, not a rank, so that a page does not shift when jobs come and go: position, member, or instant and id.</remarks>
internal sealed class RedisListing(RedisCaller caller, RedisRecords records)
{
    private const char Separator = ':';
    private const int HighestLane = PartitionKeys.LaneCount - 1;

    internal Task<StorePage> ListAsync(PartitionKeys keys, JobPlace place, string? after, int max) => place switch
    {
        JobPlace.Ready => ListReadyAsync(keys, after, max),
        JobPlace.Due => ListDueAsync(keys, after, max),
        JobPlace.Parked => ListParkedAsync(keys, after, max),
        JobPlace.Running => ListRunningAsync(keys, after, max),
        JobPlace.Dead => ListFinalAsync(keys, keys.Dead, place, after, max),
        JobPlace.Done => ListFinalAsync(keys, keys.Done, place, after, max),
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, "A listing is of one place; expected Ready, Due, Parked, Running, Dead or Done."),
    };

    internal async Task<IReadOnlyList<StoredJob>> ReadParkedAsync(PartitionKeys keys, string name, int max)
    {
        var members = await caller.CallAsync(database =>
            database.SortedSetRangeByValueAsync(keys.ParkedOrder, name + "\0", name + "\u0001", Exclude.Stop, Order.Ascending, 0, max, CommandFlags.DemandMaster));
        return await JobsAsync(keys, [.. members.Select(IdOfMember)], JobPlace.Parked);
    }

    internal async Task<IReadOnlyList<StoredJob>> ReadRunningAsync(PartitionKeys keys) =>
        await JobsAsync(keys, await RunningIdsAsync(keys), JobPlace.Running);

    internal async Task<StoredJob?[]> FindAsync(PartitionKeys keys, IReadOnlyList<string> ids)
    {
        var read = await records.ReadAsync(keys, ids);
        return [.. read.Select(record => record.IsGone ? null : record.ToJob(JobPlace.Nowhere))];
    }

    internal async Task<PartitionCounts> CountAsync(PartitionKeys keys)
    {
        var result = await caller.RunAsync(caller.Scripts.Count, [keys.Running, keys.Due, keys.Expiry, keys.Dead, keys.Done, keys.ParkedNames, .. keys.Lanes, keys.DeadEnds, keys.DoneEnds]);
        var names = (string[])result[6]!;
        return new()
        {
            Running = (long)result[0],
            Due = (long)result[1],
            Dead = (long)result[2],
            Listed = (long)result[3],
            NextDueAt = Instant(result[4]),
            NextExpiryAt = Instant(result[5]),
            Parked = names.Chunk(2).ToDictionary(pair => pair[0], pair => long.Parse(pair[1], CultureInfo.InvariantCulture)),
            LaneEntries = [.. Enumerable.Range(7, PartitionKeys.LaneCount).Select(lane => (long)result[lane])],
        };
    }

    private static (string Head, string Tail) Parts(string cursor) =>
        cursor.IndexOf(Separator, StringComparison.Ordinal) is var at and >= 0 ? (cursor[..at], cursor[(at + 1)..]) : throw JobQuery.NotACursor();

    private static long Number(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : throw JobQuery.NotACursor();

    private static DateTimeOffset? Instant(RedisResult score) => score.IsNull ? null : RedisTime.FromMicroseconds((double)score);

    private static string IdOfMember(RedisValue member)
    {
        var text = member.ToString();
        return text[(text.LastIndexOf('\0') + 1)..];
    }

    private async Task<StorePage> ListReadyAsync(PartitionKeys keys, string? after, int max)
    {
        var (lane, position) = (HighestLane, -1L);
        if (after is not null)
        {
            var (head, tail) = Parts(after);
            (lane, position) = ((int)Number(head), Number(tail));
            _ = lane is >= 0 and <= HighestLane ? lane : throw JobQuery.NotACursor();
        }

        var found = new List<(int Lane, LaneEntry Entry)>();
        for (; lane >= 0 && found.Count <= max; (lane, position) = (lane - 1, -1))
        {
            var (stream, from) = (keys.Lanes[lane], LaneEntry.After(position));
            var entries = await caller.CallAsync(database => database.StreamRangeAsync(stream, from, "+", max + 1 - found.Count, Order.Ascending, CommandFlags.DemandMaster));
            found.AddRange(LaneEntry.Read(entries).Select(entry => (lane, entry)));
        }

        var page = found.Take(max).ToArray();
        var read = await records.ReadAsync(keys, [.. page.Select(entry => entry.Entry.Id)]);
        var jobs = read.Zip(page)
            .Where(pair => !pair.First.IsRunning && !RedisLanes.IsLeftover(pair.First, pair.Second.Lane, pair.Second.Entry.Position))
            .Select(pair => pair.First.ToJob(JobPlace.Ready, pair.Second.Lane, pair.Second.Entry.Position));
        return new([.. jobs], found.Count > max ? string.Create(CultureInfo.InvariantCulture, $"{page[^1].Lane}{Separator}{page[^1].Entry.Position}") : null);
    }

    private async Task<StorePage> ListDueAsync(PartitionKeys keys, string? after, int max)
    {
        var (score, id) = (double.NegativeInfinity, "");
        if (after is not null)
        {
            var (head, tail) = Parts(after);
            (score, id) = (Number(head), tail);
        }

        var found = new List<SortedSetEntry>();
        for (var (skip, isEnd) = (0L, false); found.Count <= max && !isEnd; skip += max + 1)
        {
            var from = skip;
            var entries = await caller.CallAsync(database =>
                database.SortedSetRangeByScoreWithScoresAsync(keys.Due, score, double.PositiveInfinity, Exclude.None, Order.Ascending, from, max + 1, CommandFlags.DemandMaster));
            found.AddRange(entries.Where(entry => entry.Score > score || string.CompareOrdinal(entry.Element.ToString(), id) > 0));
            isEnd = entries.Length <= max;
        }

        var page = found.Take(max).ToArray();
        var next = found.Count > max ? string.Create(CultureInfo.InvariantCulture, $"{(long)page[^1].Score}{Separator}{page[^1].Element}") : null;
        return new(await JobsAsync(keys, [.. page.Select(entry => entry.Element.ToString())], JobPlace.Due), next);
    }

    private async Task<StorePage> ListParkedAsync(PartitionKeys keys, string? after, int max)
    {
        // A member holds NULs, which a cursor must not: they travel as '/', which neither names nor ids contain.
        RedisValue from = after?.Replace('/', '\0') ?? RedisValue.Null;
        var members = await caller.CallAsync(database =>
            database.SortedSetRangeByValueAsync(keys.ParkedOrder, from, RedisValue.Null, Exclude.Start, Order.Ascending, 0, max + 1, CommandFlags.DemandMaster));
        var page = members.Take(max).ToArray();
        var next = members.Length > max ? page[^1].ToString().Replace('\0', '/') : null;
        return new(await JobsAsync(keys, [.. page.Select(IdOfMember)], JobPlace.Parked), next);
    }

    private async Task<StorePage> ListRunningAsync(PartitionKeys keys, string? after, int max)
    {
        var ids = (await RunningIdsAsync(keys)).Where(id => after is null || string.CompareOrdinal(id, after) > 0).Take(max + 1).ToArray();
        var page = ids.Take(max).ToArray();
        return new(await JobsAsync(keys, page, JobPlace.Running), ids.Length > max ? page[^1] : null);
    }

    private async Task<StorePage> ListFinalAsync(PartitionKeys keys, RedisKey ended, JobPlace place, string? after, int max)
    {
        var newest = after is null ? double.PositiveInfinity : Number(after) - 1;
        var found = LaneEntry.Read(await caller.CallAsync(database =>
            database.SortedSetRangeByScoreWithScoresAsync(ended, double.NegativeInfinity, newest, Exclude.None, Order.Descending, 0, max + 1, CommandFlags.DemandMaster)));
        var page = found.Take(max).ToArray();
        var jobs = await JobsAsync(keys, Array.ConvertAll(page, entry => entry.Id), place);
        return new(jobs, found.Length > max ? page[^1].Position.ToString(CultureInfo.InvariantCulture) : null);
    }

    private async Task<string[]> RunningIdsAsync(PartitionKeys keys)
    {
        var fields = await caller.CallAsync(database => database.HashKeysAsync(keys.Running, CommandFlags.DemandMaster));
        return [.. fields.Select(field => field.ToString()).Order(StringComparer.Ordinal)];
    }

    /// <summary>The jobs among these that are in a place by now.</summary>
    private async Task<IReadOnlyList<StoredJob>> JobsAsync(PartitionKeys keys, string[] ids, JobPlace place)
    {
        var read = ids.Length == 0 ? [] : await records.ReadAsync(keys, ids);
        return [.. read.Where(record => !record.IsGone).Select(record => record.ToJob(place)).Where(job => job.Place == place)];
    }
}
