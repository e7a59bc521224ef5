using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Schedules in Redis, over the connection that the jobs have; <see cref="RedisJobStore.ConnectAsync"/> makes it.</summary>
/// <remarks>All schedules share a hash tag, so that one script writes a schedule and its index: a hash of rows (the version's 26 characters, then the content), their ids in order, and their wake instants.</remarks>
internal sealed class RedisScheduleStore(RedisConnection connection, IOptions<RedisStoreOptions> options, ILogger<RedisScheduleStore> logger) : IScheduleStore
{
    private const int VersionLength = 26;
    private const int Taken = 0;

    private readonly RedisCaller _caller = new(connection, options, logger);
    private readonly RedisKey _rows = options.Value.KeyPrefix + "{schedules}:rows";
    private readonly RedisKey _ids = options.Value.KeyPrefix + "{schedules}:ids";
    private readonly RedisKey _due = options.Value.KeyPrefix + "{schedules}:due";

    public async Task<StoredSchedule?> ReadAsync(string id)
    {
        var row = await _caller.CallAsync(database => database.HashGetAsync(_rows, id, CommandFlags.DemandMaster));
        return row.IsNull ? null : Row((byte[])row!);
    }

    public async Task<ScheduleWrite> WriteAsync(string id, string? expectedVersion, StoredSchedule? schedule)
    {
        var script = expectedVersion is null ? _caller.Scripts.ScheduleWriteNew : _caller.Scripts.ScheduleWrite;
        RedisValue wakeAt = schedule?.WakeAt is { } at ? at.ToUnixTimeMilliseconds() : "";
        byte[] row = schedule is null ? [] : [.. Encoding.ASCII.GetBytes(schedule.Version), .. schedule.Content];
        try
        {
            var result = (int)await _caller.RunAsync(script, [_rows, _ids, _due], id, expectedVersion ?? "", wakeAt, row);
            return result == Taken ? ScheduleWrite.Taken : ScheduleWrite.WrongVersion;
        }
        catch (RedisServerException exception) when (expectedVersion is null && RedisErrors.IsFull(exception))
        {
            return ScheduleWrite.Full;
        }
    }

    public async Task<IReadOnlyList<StoredSchedule>> ListAsync(string? after, int max)
    {
        // One that is removed between the two calls is not there; the page goes on behind it, so that a short one is the last.
        List<StoredSchedule> schedules = [];
        while (schedules.Count < max)
        {
            var wanted = max - schedules.Count;
            var ids = await _caller.CallAsync(database =>
                database.SortedSetRangeByValueAsync(_ids, after, RedisValue.Null, Exclude.Start, Order.Ascending, 0, wanted, CommandFlags.DemandMaster));
            if (ids.Length > 0)
            {
                var rows = await _caller.CallAsync(database => database.HashGetAsync(_rows, ids, CommandFlags.DemandMaster));
                schedules.AddRange(rows.Where(static row => !row.IsNull).Select(static row => Row((byte[])row!)));
                after = ids[^1];
            }

            if (ids.Length < wanted)
            {
                break;
            }
        }

        return schedules;
    }

    public async Task<IReadOnlyList<DueSchedule>> ListDueAsync(DateTimeOffset until, int skip, int max)
    {
        var due = await _caller.CallAsync(database =>
            database.SortedSetRangeByScoreWithScoresAsync(_due, double.NegativeInfinity, until.ToUnixTimeMilliseconds(), Exclude.None, Order.Ascending, skip, max, CommandFlags.DemandMaster));
        return [.. due.Select(static entry => new DueSchedule(entry.Element.ToString(), DateTimeOffset.FromUnixTimeMilliseconds((long)entry.Score)))];
    }

    private static StoredSchedule Row(byte[] row) => new(Encoding.ASCII.GetString(row, 0, VersionLength), WakeAt: null, row[VersionLength..]);
}
