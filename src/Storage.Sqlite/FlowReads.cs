namespace Krewe.Storage.Sqlite;

/// <summary>Reads of flows. Inside a transaction of a reader.</summary>
internal static class FlowReads
{
    private const string IsAlive = "(expires_at IS NULL OR expires_at > ?2)";

    private const string Head = $"SELECT id, created, is_open, ttl, summary, seq, length FROM flows WHERE id = ?1 AND {IsAlive}";

    private const string Entries = "SELECT length(bytes), bytes FROM flow_entries WHERE flow = ?1 AND number >= ?2 ORDER BY number";

    private const string Open = $"SELECT id FROM flows WHERE is_open = 1 AND id > ?1 AND {IsAlive} ORDER BY id LIMIT ?3";

    private const string Newest =
        $"SELECT id, created, is_open, ttl, summary FROM flows WHERE (created, id) < (?1, ?3) AND {IsAlive} ORDER BY created DESC, id DESC LIMIT ?4";

    internal static FlowLogPage? Read(SqliteDatabase database, string id, long from, long nowTicks)
    {
        var row = database.Statement(Head).Bind(1, id).Bind(2, nowTicks);
        if (!row.Step())
        {
            return null;
        }

        var (head, flow, length) = (ReadHead(row).Head, row.Int64(5), row.Int64(6));
        row.Reset();
        return new(head, length, ReadEntries(database, flow, from));
    }

    internal static IReadOnlyList<string> ListOpen(SqliteDatabase database, string? after, int max, long nowTicks)
    {
        List<string> ids = [];
        var rows = database.Statement(Open).Bind(1, after ?? "").Bind(2, nowTicks).Bind(3, max);
        while (rows.Step())
        {
            ids.Add(rows.Text(0));
        }

        return ids;
    }

    internal static FlowHeadPage List(SqliteDatabase database, FlowCursor? after, int max, long nowTicks)
    {
        List<(string Id, FlowHead Head)> flows = [];
        var rows = database.Statement(Newest).Bind(1, after?.CreatedAt ?? long.MaxValue).Bind(2, nowTicks).Bind(3, after?.Id ?? "").Bind(4, max + 1L);
        while (rows.Step())
        {
            if (flows.Count == max)
            {
                rows.Reset();
                return new(flows, new FlowCursor(flows[^1].Head.CreatedAt.UtcTicks, flows[^1].Id).ToString());
            }

            flows.Add(ReadHead(rows));
        }

        return new(flows, null);
    }

    private static List<byte[]> ReadEntries(SqliteDatabase database, long flow, long from)
    {
        List<byte[]> entries = [];
        var (bytes, rows) = (0L, database.Statement(Entries).Bind(1, flow).Bind(2, from));
        while (rows.Step())
        {
            bytes += rows.Int64(0);
            if (bytes > FlowLimits.MaxBytes && entries.Count > 0)
            {
                rows.Reset();
                break;
            }

            entries.Add(rows.Bytes(1).ToArray());
        }

        return entries;
    }

    private static (string Id, FlowHead Head) ReadHead(SqliteStatement row) =>
        (row.Text(0), new(new(row.Int64(1), TimeSpan.Zero), row.Int64(2) == 1, row.IsNull(3) ? null : new TimeSpan(row.Int64(3)), row.Bytes(4).ToArray()));
}
