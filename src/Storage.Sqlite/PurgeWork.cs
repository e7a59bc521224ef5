using Krewe.Jobs;

namespace Krewe.Storage.Sqlite;

/// <summary>Removes finished jobs, a bounded number a call, so that other writes get between. In a transaction of the writer. What is one too many goes, but not before its id may be forgotten; until then it is out of the list.</summary>
internal sealed class PurgeWork(SqliteFile file, Partition partition, PartitionLease lease, long maxListed) : SqliteWork<bool>(MaxRows)
{
    private const int MaxRows = 256;
    private const long MaxReadBytes = 4 * 1024 * 1024;

    private const string PurgeGone =
        """
        DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs WHERE partition = ?1 AND purge <= ?2 ORDER BY purge LIMIT ?3)
        RETURNING place, lane, listed, parked
        """;

    private const string ReadOldest = "SELECT seq, lane, record FROM jobs WHERE partition = ?1 AND place = 32 AND listed IS NOT NULL ORDER BY listed LIMIT ?2";
    private const string Remove = "DELETE FROM jobs WHERE seq = ?1";
    private const string Unlist = "UPDATE jobs SET listed = NULL, purge = min(coalesce(purge, ?2), ?2) WHERE seq = ?1";

    private const string PurgeKeys =
        """
        DELETE FROM unique_keys WHERE (partition, scope, key) IN
            (SELECT partition, scope, key FROM unique_keys WHERE partition = ?1 AND is_released = 1 AND until <= ?2 ORDER BY until LIMIT ?3)
        """;

    private readonly List<(TallyPlace Place, int Count)> _moves = [];

    internal override void Complete()
    {
        partition.Tally.Apply(_moves);
        base.Complete();
    }

    protected override bool Answer()
    {
        var (database, nowTicks) = (file.Database, file.NowTicks);
        PartitionTable.CheckEpoch(database, partition, lease);
        _moves.Clear();
        var gone = Delete(database.Statement(PurgeGone).Bind(1, partition.RowId).Bind(2, nowTicks).Bind(3, MaxRows));
        var keys = database.Statement(PurgeKeys).Bind(1, partition.RowId).Bind(2, nowTicks).Bind(3, MaxRows).Execute();

        // Counted before this transaction's neighbours are applied; what is off by a commit is put right by the next call.
        var listed = partition.Tally.Read().Listed + _moves.Sum(static move => move.Place is { Place: JobPlace.Done, IsListed: true } ? move.Count : 0);
        var excess = Math.Max(0, listed - maxListed);
        var oldest = Math.Min(excess, MaxRows - gone);
        var removed = oldest > 0 ? RemoveOldest(database, oldest, nowTicks) : 0;
        return gone == MaxRows || keys == MaxRows || excess > removed;
    }

    private int RemoveOldest(SqliteDatabase database, long count, long nowTicks)
    {
        var found = new List<(long RowId, int Lane, long Until)>();
        var rows = database.Statement(ReadOldest).Bind(1, partition.RowId).Bind(2, count);
        var bytes = 0L;
        while (bytes < MaxReadBytes && rows.Step())
        {
            bytes += rows.Bytes(2).Length;
            var until = JobRecordCodec.TryDecode(rows.Bytes(2), out var record, out _) ? JobLifetimes.StaysUntil(record).UtcTicks : 0;
            found.Add((rows.Int64(0), (int)rows.Int64(1), until));
        }

        rows.Reset();
        foreach (var (rowId, lane, until) in found)
        {
            _moves.Add((new(JobPlace.Done, lane, true, null), -1));
            if (until <= nowTicks)
            {
                database.Statement(Remove).Bind(1, rowId).Execute();
            }
            else
            {
                database.Statement(Unlist).Bind(1, rowId).Bind(2, until).Execute();
                _moves.Add((new(JobPlace.Done, lane, false, null), 1));
            }
        }

        return found.Count;
    }

    private int Delete(SqliteStatement rows)
    {
        var count = 0;
        while (rows.Step())
        {
            _moves.Add((new((JobPlace)rows.Int64(0), (int)rows.Int64(1), !rows.IsNull(2), rows.IsNull(3) ? null : rows.Text(3)), -1));
            count++;
        }

        return count;
    }
}
