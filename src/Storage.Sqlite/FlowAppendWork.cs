namespace Krewe.Storage.Sqlite;

/// <summary>One append to a flow, in a transaction of the writer.</summary>
internal sealed class FlowAppendWork(SqliteFile file, string id, long expectedLength, FlowHead head, IReadOnlyList<byte[]> entries) : SqliteWork<FlowAppend>(entries.Count + 1)
{
    private const string Find = "SELECT seq, length FROM flows WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)";

    /// <summary>A flow of this id whose time has passed lies there until it is swept; no id holds this sign.</summary>
    private const string MoveAside = "UPDATE flows SET id = '#' || seq WHERE id = ?1";

    private const string Insert =
        "INSERT INTO flows (id, created, is_open, ttl, expires_at, length, summary) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING seq";

    private const string Update = "UPDATE flows SET is_open = ?2, ttl = ?3, expires_at = ?4, length = ?5, summary = ?6 WHERE seq = ?1";

    private const string InsertEntry = "INSERT INTO flow_entries (flow, number, bytes) VALUES (?1, ?2, ?3)";

    private readonly long _nowTicks = file.NowTicks;
    private bool _isFull;

    /// <summary>A new flow may be refused.</summary>
    internal override bool TryLighten()
    {
        var canLighten = !_isFull && expectedLength == 0;
        _isFull = true;
        return canLighten;
    }

    protected override FlowAppend Answer()
    {
        var database = file.Database;
        var (row, length) = (-1L, 0L);
        var found = database.Statement(Find).Bind(1, id).Bind(2, _nowTicks);
        if (found.Step())
        {
            (row, length) = (found.Int64(0), found.Int64(1));
            found.Reset();
        }

        if (row < 0 ? expectedLength != 0 : expectedLength == 0 || length != expectedLength)
        {
            return FlowAppend.WrongLength;
        }

        if (_isFull)
        {
            return FlowAppend.Full;
        }

        // Before anything is added: what it frees may be just what this append needs.
        FlowSweep.RemoveGone(database, _nowTicks);
        WriteEntries(database, row < 0 ? Make(database) : Replace(database, row, length));
        return FlowAppend.Taken;
    }

    private long Make(SqliteDatabase database)
    {
        database.Statement(MoveAside).Bind(1, id).Execute();
        return database.Statement(Insert)
            .Bind(1, id)
            .Bind(2, head.CreatedAt.UtcTicks)
            .Bind(3, head.IsOpen ? 1 : 0)
            .Bind(4, head.Ttl?.Ticks)
            .Bind(5, ExpiresAt())
            .Bind(6, entries.Count)
            .Bind(7, head.Summary)
            .Scalar()!.Value;
    }

    private long Replace(SqliteDatabase database, long row, long length)
    {
        database.Statement(Update)
            .Bind(1, row)
            .Bind(2, head.IsOpen ? 1 : 0)
            .Bind(3, head.Ttl?.Ticks)
            .Bind(4, ExpiresAt())
            .Bind(5, length + entries.Count)
            .Bind(6, head.Summary)
            .Execute();
        return row;
    }

    private void WriteEntries(SqliteDatabase database, long row)
    {
        var insert = database.Statement(InsertEntry);
        for (var index = 0; index < entries.Count; index++)
        {
            insert.Bind(1, row).Bind(2, expectedLength + index).Bind(3, entries[index]).Execute();
        }
    }

    private long? ExpiresAt() => head.Ttl is { Ticks: var ttl } ? (ttl < DateTimeOffset.MaxValue.UtcTicks - _nowTicks ? _nowTicks + ttl : DateTimeOffset.MaxValue.UtcTicks) : null;
}
