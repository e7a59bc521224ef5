namespace Krewe.Storage.Sqlite;

/// <summary>Schedules in the data file of the jobs, written by the same writer; <see cref="SqliteJobStore.ConnectAsync"/> opens it.</summary>
/// <remarks>A schedule's wake instant, milliseconds since 1970, is a column of its row, so the index is always true.</remarks>
internal sealed class SqliteScheduleStore(SqliteFile file) : IScheduleStore
{
    private const string Columns = "SELECT version, wake_at, content FROM schedules";

    public Task<StoredSchedule?> ReadAsync(string id) => file.ReadAsync(database => ReadAll(database.Statement($"{Columns} WHERE id = ?1").Bind(1, id)) is [var schedule] ? schedule : null);

    public Task<ScheduleWrite> WriteAsync(string id, string? expectedVersion, StoredSchedule? schedule) => file.WriteAsync(new ScheduleWork(file, id, expectedVersion, schedule));

    public async Task<IReadOnlyList<StoredSchedule>> ListAsync(string? after, int max) =>
        await file.ReadAsync(database => ReadAll(database.Statement($"{Columns} WHERE id > ?1 ORDER BY id LIMIT ?2").Bind(1, after ?? "").Bind(2, max)));

    public Task<IReadOnlyList<DueSchedule>> ListDueAsync(DateTimeOffset until, int skip, int max) => file.ReadAsync<IReadOnlyList<DueSchedule>>(database =>
    {
        List<DueSchedule> due = [];
        var rows = database.Statement("SELECT id, wake_at FROM schedules WHERE wake_at <= ?1 ORDER BY wake_at, id LIMIT ?2 OFFSET ?3").Bind(1, until.ToUnixTimeMilliseconds()).Bind(2, max).Bind(3, skip);
        while (rows.Step())
        {
            due.Add(new(rows.Text(0), DateTimeOffset.FromUnixTimeMilliseconds(rows.Int64(1))));
        }

        return due;
    });

    private static List<StoredSchedule> ReadAll(SqliteStatement rows)
    {
        List<StoredSchedule> schedules = [];
        while (rows.Step())
        {
            schedules.Add(new(rows.Text(0), rows.IsNull(1) ? null : DateTimeOffset.FromUnixTimeMilliseconds(rows.Int64(1)), rows.Bytes(2).ToArray()));
        }

        return schedules;
    }

    /// <summary>One write, in a transaction of the writer.</summary>
    private sealed class ScheduleWork(SqliteFile file, string id, string? expectedVersion, StoredSchedule? schedule) : SqliteWork<ScheduleWrite>(1)
    {
        private bool _isFull;

        /// <summary>A new schedule may be refused.</summary>
        internal override bool TryLighten()
        {
            var canLighten = !_isFull && expectedVersion is null;
            _isFull = true;
            return canLighten;
        }

        protected override ScheduleWrite Answer()
        {
            var database = file.Database;
            if (_isFull && expectedVersion is null)
            {
                return ScheduleWrite.Full;
            }

            var changed = (schedule, expectedVersion) switch
            {
                (null, _) => database.Statement("DELETE FROM schedules WHERE id = ?1 AND version = ?2").Bind(1, id).Bind(2, expectedVersion ?? "").Execute(),
                (_, null) => Bind(database, "INSERT INTO schedules (id, version, wake_at, content) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING", schedule).Execute(),
                _ => Bind(database, "UPDATE schedules SET version = ?2, wake_at = ?3, content = ?4 WHERE id = ?1 AND version = ?5", schedule).Bind(5, expectedVersion).Execute(),
            };
            return changed == 1 ? ScheduleWrite.Taken : ScheduleWrite.WrongVersion;
        }

        private SqliteStatement Bind(SqliteDatabase database, string sql, StoredSchedule written) =>
            database.Statement(sql).Bind(1, id).Bind(2, written.Version).Bind(3, written.WakeAt?.ToUnixTimeMilliseconds()).Bind(4, written.Content);
    }
}
