using System.Globalization;

namespace Krewe.Storage.Sqlite;

/// <summary>Reminders in the data file.</summary>
internal sealed class SqliteReminderTable(SqliteFile file) : IReminderTable
{
    private const string Columns = "SELECT grain, name, start, period, version FROM reminders";

    private const string Upsert =
        """
        INSERT INTO reminders (grain, name, hash, start, period, version) VALUES (?1, ?2, ?3, ?4, ?5, 1)
        ON CONFLICT DO UPDATE SET hash = excluded.hash, start = excluded.start, period = excluded.period, version = version + 1 RETURNING version
        """;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => file.ConnectAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(GrainId grainId) =>
        file.ReadAsync(database => ReadAll(database.Statement($"{Columns} WHERE grain = ?1 ORDER BY name").Bind(1, grainId.ToString())));

    /// <summary>Reads the reminders whose hash lies in (begin, end]; where begin is not less than end, the range goes around the end of the ring.</summary>
    public Task<ReminderTableData> ReadRows(uint begin, uint end)
    {
        var condition = begin < end ? "hash > ?1 AND hash <= ?2" : "hash > ?1 OR hash <= ?2";
        return file.ReadAsync(database => ReadAll(database.Statement($"{Columns} WHERE {condition} ORDER BY hash, grain, name").Bind(1, begin).Bind(2, end)));
    }

    /// <inheritdoc/>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        var found = await file.ReadAsync(database =>
            ReadAll(database.Statement($"{Columns} WHERE grain = ?1 AND name = ?2").Bind(1, grainId.ToString()).Bind(2, reminderName)));

        return found.Reminders.Count == 0 ? null : found.Reminders[0];
    }

    /// <inheritdoc/>
    public Task<string?> UpsertRow(ReminderEntry entry) => file.WriteAsync<string?>(database =>
    {
        var version = database.Statement(Upsert)
            .Bind(1, entry.GrainId.ToString())
            .Bind(2, entry.ReminderName)
            .Bind(3, entry.GrainId.GetUniformHashCode())
            .Bind(4, entry.StartAt.Ticks)
            .Bind(5, entry.Period.Ticks)
            .Scalar();
        return version!.Value.ToString(CultureInfo.InvariantCulture);
    });

    /// <inheritdoc/>
    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => file.WriteAsync(database =>
        long.TryParse(eTag, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
        && database.Statement("DELETE FROM reminders WHERE grain = ?1 AND name = ?2 AND version = ?3").Bind(1, grainId.ToString()).Bind(2, reminderName).Bind(3, version).Execute() == 1);

    /// <inheritdoc/>
    public Task TestOnlyClearTable() => file.WriteAsync(static database => database.Statement("DELETE FROM reminders").Execute());

    private static ReminderTableData ReadAll(SqliteStatement rows)
    {
        List<ReminderEntry> entries = [];
        while (rows.Step())
        {
            entries.Add(new()
            {
                GrainId = GrainId.Parse(rows.Text(0), CultureInfo.InvariantCulture),
                ReminderName = rows.Text(1),
                StartAt = new(rows.Int64(2), DateTimeKind.Utc),
                Period = new(rows.Int64(3)),
                ETag = rows.Int64(4).ToString(CultureInfo.InvariantCulture),
            });
        }

        return new(entries);
    }
}
