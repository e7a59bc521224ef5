using System.Collections.Concurrent;

namespace Krewe.Storage.Sqlite;

/// <summary>Connections that read. Each read is short, so that none holds the write-ahead log back.</summary>
internal sealed class SqliteReaders(string path) : IDisposable
{
    private readonly ConcurrentBag<SqliteDatabase> _free = [];
    private readonly Lock _lock = new();
    private bool _isClosed;

    /// <summary>Reads in one transaction, so that all its queries see one state. Off the caller's scheduler: a read may wait for the disk.</summary>
    internal Task<T> ReadAsync<T>(Func<SqliteDatabase, T> read) => Task.Run(() =>
    {
        if (!_free.TryTake(out var database))
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            database = SqliteDatabase.Open(path, isReadOnly: true);
        }

        var isWhole = false;
        try
        {
            database.Execute("BEGIN");
            var answer = read(database);
            database.Execute("COMMIT");
            isWhole = true;
            return answer;
        }
        finally
        {
            GiveBack(database, isWhole);
        }
    });

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            while (_free.TryTake(out var database))
            {
                database.Dispose();
            }
        }
    }

    private void GiveBack(SqliteDatabase database, bool isWhole)
    {
        lock (_lock)
        {
            if (isWhole && !_isClosed)
            {
                _free.Add(database);
                return;
            }
        }

        database.Dispose();
    }
}
