using Krewe.Jobs;
using ProtoBuf;

namespace Krewe.Storage.Sqlite;

/// <summary>Turns rows into jobs.</summary>
internal static class JobRows
{
    internal const string Columns = "id, place, lane, position, claim, record, seq";

    /// <summary>The row number of a row of <see cref="Columns"/>; last part of every cursor.</summary>
    internal const int RowId = 6;

    internal static StoredJob Read(SqliteStatement row)
    {
        var (id, place, lane, position) = (row.Text(0), (JobPlace)row.Int64(1), (int)row.Int64(2), row.Int64(3));
        var bytes = row.Bytes(5);
        JobRecordCodec.TryDecode(bytes, out var record, out var reason);
        var claim = place == JobPlace.Running ? ReadClaim(row.Bytes(4), ref reason) : null;
        return new(id, place, record, claim, lane, position, bytes.Length, reason);
    }

    internal static List<StoredJob> ReadAll(SqliteStatement rows)
    {
        List<StoredJob> jobs = [];
        while (rows.Step())
        {
            jobs.Add(Read(rows));
        }

        return jobs;
    }

    private static JobClaim? ReadClaim(ReadOnlySpan<byte> bytes, ref string? reason)
    {
        try
        {
            return JobRecordCodec.DecodeClaim(bytes);
        }
        catch (Exception exception) when (exception is ProtoException or InvalidOperationException or EndOfStreamException or OverflowException or ArgumentException)
        {
            reason ??= $"its claim cannot be read: {exception.Message}";
            return null;
        }
    }
}
