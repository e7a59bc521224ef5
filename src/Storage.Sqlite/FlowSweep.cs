namespace Krewe.Storage.Sqlite;

/// <summary>Removes flows whose time to live has passed, a bounded part of them at each append: more than an append can bring, so that none are left behind.</summary>
internal static class FlowSweep
{
    private const int MaxRows = 256;
    private const long MaxReadBytes = 2L * FlowLimits.MaxBytes;

    private const string FirstGone = "SELECT seq FROM flows WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 1";

    private const string Entries = "SELECT seq, length(bytes) FROM flow_entries WHERE flow = ?1 ORDER BY number LIMIT ?2";

    private const string RemoveEntry = "DELETE FROM flow_entries WHERE seq = ?1";

    private const string RemoveFlow = "DELETE FROM flows WHERE seq = ?1";

    internal static void RemoveGone(SqliteDatabase database, long nowTicks)
    {
        var (rows, bytes) = (MaxRows, MaxReadBytes);
        while (rows > 0 && bytes > 0 && database.Statement(FirstGone).Bind(1, nowTicks).Scalar() is { } flow)
        {
            var entries = FirstEntries(database, flow, rows, bytes, out var isWhole);
            foreach (var (entry, length) in entries)
            {
                database.Statement(RemoveEntry).Bind(1, entry).Execute();
                bytes -= length;
            }

            rows -= entries.Count + 1;
            if (isWhole)
            {
                database.Statement(RemoveFlow).Bind(1, flow).Execute();
            }
        }
    }

    /// <summary>A flow's first entries, as many as the bounds allow, at least one.</summary>
    private static List<(long Row, long Length)> FirstEntries(SqliteDatabase database, long flow, int maxRows, long maxBytes, out bool isWhole)
    {
        List<(long Row, long Length)> entries = [];
        var (bytes, found) = (0L, database.Statement(Entries).Bind(1, flow).Bind(2, maxRows + 1L));
        isWhole = true;
        while (found.Step())
        {
            if (entries.Count == maxRows || bytes >= maxBytes)
            {
                isWhole = false;
                found.Reset();
                break;
            }

            bytes += found.Int64(1);
            entries.Add((found.Int64(0), found.Int64(1)));
        }

        return entries;
    }
}
