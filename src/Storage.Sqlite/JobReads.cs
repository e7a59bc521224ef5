namespace Krewe.Storage.Sqlite;

/// <summary>Reads by place, each from the index of its place. Inside a transaction of a reader.</summary>
internal static class JobReads
{
    private const int MaxPageBytes = 4 * 1024 * 1024;

    private const string Alive = "(purge IS NULL OR purge > ?2)";

    private const string Lane = $"SELECT {JobRows.Columns} FROM jobs WHERE partition = ?1 AND place = 1 AND lane = ?2 AND position > ?3 ORDER BY position LIMIT ?4";

    private const string Due = $"SELECT {JobRows.Columns} FROM jobs WHERE partition = ?1 AND place = 2 AND due <= ?2 ORDER BY due LIMIT ?3";

    private const string NextDue = "SELECT min(due) FROM jobs WHERE partition = ?1 AND place = 2";

    private const string NextDueBeside = "SELECT due FROM jobs WHERE partition = ?1 AND place = 2 ORDER BY due LIMIT 1 OFFSET ?2";

    private const string Expiring = $"SELECT {JobRows.Columns} FROM jobs WHERE partition = ?1 AND expires <= ?2 ORDER BY expires LIMIT ?3";

    private const string NextExpiry = "SELECT min(expires) FROM jobs WHERE partition = ?1 AND expires IS NOT NULL";

    private const string NextExpiryBeside = "SELECT expires FROM jobs WHERE partition = ?1 AND expires IS NOT NULL ORDER BY expires LIMIT 1 OFFSET ?2";

    private const string Running = $"SELECT {JobRows.Columns} FROM jobs WHERE partition = ?1 AND place = 8 ORDER BY lane DESC, position";

    private const string Parked = $"SELECT {JobRows.Columns} FROM jobs WHERE partition = ?1 AND place = 4 AND parked = ?2 ORDER BY position LIMIT ?3";

    private const string ById = $"SELECT {JobRows.Columns} FROM jobs WHERE partition = ?1 AND id = ?3 AND {Alive}";

    private const string CountGone = "SELECT place, count(*) FROM jobs WHERE partition = ?1 AND purge <= ?2 AND listed IS NOT NULL GROUP BY place";

    internal static LanePage ReadLane(SqliteDatabase database, Partition partition, int lane, long after, int max)
    {
        var rows = database.Statement(Lane).Bind(1, partition.RowId).Bind(2, lane).Bind(3, after).Bind(4, max + 1L);
        List<StoredJob> jobs = [];
        var (last, bytes) = (after, 0L);
        while (rows.Step())
        {
            bytes += rows.Bytes(5).Length;
            if (jobs.Count == max || (jobs.Count > 0 && bytes > MaxPageBytes))
            {
                rows.Reset();
                return new(jobs, last, false);
            }

            jobs.Add(JobRows.Read(rows));
            last = jobs[^1].Position;
        }

        return new(jobs, last, true);
    }

    internal static DuePage ReadDue(SqliteDatabase database, Partition partition, long until, int max) => Page(database, partition, until, max, (Due, NextDueBeside));

    internal static DuePage ReadExpiring(SqliteDatabase database, Partition partition, long until, int max) => Page(database, partition, until, max, (Expiring, NextExpiryBeside));

    internal static List<StoredJob> ReadRunning(SqliteDatabase database, Partition partition) => JobRows.ReadAll(database.Statement(Running).Bind(1, partition.RowId));

    internal static List<StoredJob> ReadParked(SqliteDatabase database, Partition partition, string name, int max) =>
        JobRows.ReadAll(database.Statement(Parked).Bind(1, partition.RowId).Bind(2, name).Bind(3, max));

    internal static StoredJob?[] Find(SqliteDatabase database, Partition partition, IReadOnlyList<string> ids, long nowTicks)
    {
        var found = new StoredJob?[ids.Count];
        for (var index = 0; index < found.Length; index++)
        {
            var row = database.Statement(ById).Bind(1, partition.RowId).Bind(2, nowTicks).Bind(3, ids[index]);
            if (row.Step())
            {
                found[index] = JobRows.Read(row);
                row.Reset();
            }
        }

        return found;
    }

    internal static PartitionCounts Count(SqliteDatabase database, Partition partition, long nowTicks)
    {
        var counts = partition.Tally.Read();
        var gone = database.Statement(CountGone).Bind(1, partition.RowId).Bind(2, nowTicks);
        while (gone.Step())
        {
            counts = (JobPlace)gone.Int64(0) == JobPlace.Dead ? counts with { Dead = counts.Dead - gone.Int64(1) } : counts with { Listed = counts.Listed - gone.Int64(1) };
        }

        return counts with
        {
            NextDueAt = Instant(database.Statement(NextDue).Bind(1, partition.RowId).Scalar()),
            NextExpiryAt = Instant(database.Statement(NextExpiry).Bind(1, partition.RowId).Scalar()),
        };
    }

    /// <summary>Reads what lies before an instant, and the first instant that is left after the page.</summary>
    private static DuePage Page(SqliteDatabase database, Partition partition, long until, int max, (string Rows, string Next) sql)
    {
        var jobs = JobRows.ReadAll(database.Statement(sql.Rows).Bind(1, partition.RowId).Bind(2, until).Bind(3, max));
        return new(jobs, Instant(database.Statement(sql.Next).Bind(1, partition.RowId).Bind(2, jobs.Count).Scalar()));
    }

    private static DateTimeOffset? Instant(long? ticks) => ticks is { } number ? new(number, TimeSpan.Zero) : null;
}
