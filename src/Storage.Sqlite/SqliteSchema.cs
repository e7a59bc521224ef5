namespace Krewe.Storage.Sqlite;

/// <summary>The tables of a data file, and whose they are.</summary>
/// <remarks>
/// <para>A job is one row of <c>jobs</c>. A row lies in exactly one place because <c>place</c> is one column; the partial indexes are what the places are read
/// by, so a move costs the two indexes it leaves and enters and nothing else. Jobs are kept by a row number rather than by partition and id, because then each
/// index entry ends with 4 bytes instead of 30.</para>
/// <para><c>listed</c> orders the dead letters and the finished jobs that are listed: the partition's revision × 1,024 + the step's number in its commit.
/// Instants are UTC ticks.</para>
/// <para>A flow is one row of <c>flows</c>, its log rows of <c>flow_entries</c>, by the flow's row number. A schedule is one row of <c>schedules</c>.</para>
/// </remarks>
internal static class SqliteSchema
{
    /// <summary>The layout that this program knows; raised by every change of it.</summary>
    internal const int Version = 1;

    /// <summary>"KREW", in the file's header.</summary>
    internal const int ApplicationId = 0x4B524557;

    private static readonly string[] Creation =
    [
        """
        CREATE TABLE partitions (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, partition INTEGER NOT NULL, epoch INTEGER NOT NULL, revision INTEGER NOT NULL,
            last_position INTEGER NOT NULL, in_catalogue INTEGER NOT NULL, UNIQUE (queue, partition))
        """,
        """
        CREATE TABLE jobs (seq INTEGER PRIMARY KEY, partition INTEGER NOT NULL, id TEXT NOT NULL, place INTEGER NOT NULL, lane INTEGER NOT NULL,
            position INTEGER NOT NULL, due INTEGER, expires INTEGER, purge INTEGER, listed INTEGER, parked TEXT, token TEXT, fingerprint INTEGER NOT NULL,
            claim BLOB, record BLOB NOT NULL)
        """,
        "CREATE UNIQUE INDEX jobs_id ON jobs (partition, id)",
        "CREATE INDEX jobs_ready ON jobs (partition, lane, position) WHERE place = 1",
        "CREATE INDEX jobs_due ON jobs (partition, due) WHERE place = 2",
        "CREATE INDEX jobs_parked ON jobs (partition, parked, position) WHERE place = 4",
        "CREATE INDEX jobs_running ON jobs (partition, lane, position) WHERE place = 8",
        "CREATE INDEX jobs_expiring ON jobs (partition, expires) WHERE expires IS NOT NULL",
        "CREATE INDEX jobs_ended ON jobs (partition, place, listed) WHERE listed IS NOT NULL",
        "CREATE INDEX jobs_purge ON jobs (partition, purge, place, listed) WHERE purge IS NOT NULL",
        """
        CREATE TABLE unique_keys (partition INTEGER NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL, holder TEXT NOT NULL, until INTEGER, is_released INTEGER NOT NULL,
            PRIMARY KEY (partition, scope, key)) WITHOUT ROWID
        """,
        "CREATE INDEX unique_keys_until ON unique_keys (partition, until) WHERE is_released = 1",
        "CREATE TABLE queues (name TEXT PRIMARY KEY, partitions INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE names (name TEXT PRIMARY KEY, declared INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE grain_state (grain TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (grain, name)) WITHOUT ROWID",
        """
        CREATE TABLE reminders (grain TEXT NOT NULL, name TEXT NOT NULL, hash INTEGER NOT NULL, start INTEGER NOT NULL, period INTEGER NOT NULL, version INTEGER NOT NULL,
            PRIMARY KEY (grain, name)) WITHOUT ROWID
        """,
        "CREATE INDEX reminders_hash ON reminders (hash)",
    ];

    /// <summary>Tables that came later and that an earlier program with this <see cref="Version"/> does not miss: made at every opening where they are not there.</summary>
    private static readonly string[] Additions =
    [
        """
        CREATE TABLE IF NOT EXISTS flows (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, created INTEGER NOT NULL, is_open INTEGER NOT NULL, ttl INTEGER,
            expires_at INTEGER, length INTEGER NOT NULL, summary BLOB NOT NULL)
        """,
        "CREATE UNIQUE INDEX IF NOT EXISTS flows_id ON flows (id)",
        "CREATE INDEX IF NOT EXISTS flows_open ON flows (id) WHERE is_open = 1",
        "CREATE INDEX IF NOT EXISTS flows_created ON flows (created, id)",
        "CREATE INDEX IF NOT EXISTS flows_expiring ON flows (expires_at) WHERE expires_at IS NOT NULL",
        "CREATE TABLE IF NOT EXISTS flow_entries (seq INTEGER PRIMARY KEY, flow INTEGER NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL)",
        "CREATE UNIQUE INDEX IF NOT EXISTS flow_entries_number ON flow_entries (flow, number)",
        "CREATE TABLE IF NOT EXISTS schedules (id TEXT PRIMARY KEY, version TEXT NOT NULL, wake_at INTEGER, content BLOB NOT NULL)",
        "CREATE INDEX IF NOT EXISTS schedules_due ON schedules (wake_at, id) WHERE wake_at IS NOT NULL",
    ];

    /// <summary>Creates the tables of a new file; otherwise checks whose file it is and of which version, and adds what came later.</summary>
    /// <exception cref="StoreConfigurationException">It belongs to another program.</exception>
    /// <exception cref="StoreVersionException">A newer program wrote it.</exception>
    internal static void Prepare(SqliteDatabase database, string path)
    {
        var application = database.Statement("PRAGMA application_id").Scalar() ?? 0;
        var version = database.Statement("PRAGMA user_version").Scalar() ?? 0;
        var tables = database.Statement("SELECT count(*) FROM sqlite_schema").Scalar() ?? 0;
        if (application == 0 && version == 0 && tables == 0)
        {
            Create(database);
            return;
        }

        if (application != ApplicationId)
        {
            throw new StoreConfigurationException($"The data file '{path}' is an SQLite database of another program; expected one of Krewe or a new file. Name another file.");
        }

        if (version > Version)
        {
            throw new StoreVersionException(
                $"The data file '{path}' was written by a newer Krewe (schema {version}, this program knows {Version}); run that version, or name another file.");
        }

        if (version != Version)
        {
            throw new StoreVersionException($"The data file '{path}' has schema {version}, this program knows {Version}; name another file.");
        }

        Add(database);
    }

    private static void Create(SqliteDatabase database)
    {
        database.Execute("BEGIN IMMEDIATE");
        foreach (var sql in Creation.Concat(Additions))
        {
            database.Execute(sql);
        }

        database.Execute($"PRAGMA application_id = {ApplicationId}");
        database.Execute($"PRAGMA user_version = {Version}");
        database.Execute("COMMIT");
    }

    private static void Add(SqliteDatabase database)
    {
        database.Execute("BEGIN IMMEDIATE");
        foreach (var sql in Additions)
        {
            database.Execute(sql);
        }

        database.Execute("COMMIT");
    }
}
