using SQLitePCL;
using static SQLitePCL.raw;

namespace Krewe.Storage.Sqlite;

/// <summary>A connection, used by one thread at a time.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private const uint KeepForLong = 1;
    private static readonly Lock LoadLock = new();
    private static bool _isLoaded;

    private readonly sqlite3 _handle;
    private readonly Dictionary<string, SqliteStatement> _statements = [];

    private SqliteDatabase(sqlite3 handle) => _handle = handle;

    /// <summary>Whether a BEGIN awaits its COMMIT. SQLite itself rolls back on some failures.</summary>
    internal bool IsInTransaction => sqlite3_get_autocommit(_handle) == 0;

    internal static SqliteDatabase Open(string path, bool isReadOnly)
    {
        LoadLibrary();
        var flags = SQLITE_OPEN_NOMUTEX | (isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        var result = sqlite3_open_v2(path, out var handle, flags, null);
        if (result != SQLITE_OK)
        {
            var message = sqlite3_errmsg(handle).utf8_to_string();
            handle.Dispose();
            throw new SqliteFailure(result, message);
        }

        _ = sqlite3_busy_timeout(handle, 2000);
        return new(handle);
    }

    /// <summary>The statement of a text; prepared once and kept.</summary>
    internal SqliteStatement Statement(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            var result = sqlite3_prepare_v3(_handle, sql, KeepForLong, out var handle);
            if (result != SQLITE_OK)
            {
                throw new SqliteFailure(sqlite3_extended_errcode(_handle), sqlite3_errmsg(_handle).utf8_to_string());
            }

            _statements[sql] = statement = new(_handle, handle);
        }

        return statement;
    }

    internal void Execute(string sql) => Statement(sql).Execute();

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _handle.Dispose();
    }

    private static void LoadLibrary()
    {
        lock (LoadLock)
        {
            if (!_isLoaded)
            {
                Batteries_V2.Init();
                _isLoaded = true;
            }
        }
    }
}
