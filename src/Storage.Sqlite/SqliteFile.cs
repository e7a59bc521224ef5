using Microsoft.Extensions.Logging;

namespace Krewe.Storage.Sqlite;

/// <summary>A data file: its lock, its one writer and its readers; shared by jobs, flows, grain state and reminders.</summary>
/// <param name="options">Which file, and how.</param>
/// <param name="clock">Judges times to live and how long a call waits.</param>
/// <param name="logger">Where it tells what happened to the file.</param>
internal sealed class SqliteFile(SqliteFileOptions options, TimeProvider clock, ILogger<SqliteFile> logger) : IAsyncDisposable
{
    /// <summary>How long a call waits for its write.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _path = Resolve(options.DataFile);
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private Connection? _connection;
    private bool _isDisposed;

    internal TimeProvider Clock => clock;

    internal long NowTicks => clock.GetUtcNow().UtcTicks;

    /// <summary>The writer's connection; for works only.</summary>
    internal SqliteDatabase Database => Connected().Database;

    /// <summary>Opens the file once; every user of it calls this first.</summary>
    /// <exception cref="StoreConfigurationException">The file cannot be used; the message says why and what to do.</exception>
    /// <exception cref="StoreVersionException">A newer program wrote it.</exception>
    internal async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _connection) is not null)
        {
            return;
        }

        await _connecting.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connection is null)
            {
                Volatile.Write(ref _connection, await Task.Run(Open, cancellationToken));
                Log.Opened(logger, _path);
            }
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>Writes something small, together with what waits.</summary>
    internal Task<T> WriteAsync<T>(Func<SqliteDatabase, T> write) => WriteAsync(new SmallWork<T>(Database, write));

    /// <summary>Writes a work, together with what waits.</summary>
    /// <exception cref="StoreUnavailableException">It may or may not have been written.</exception>
    internal async Task<T> WriteAsync<T>(SqliteWork<T> work)
    {
        if (!Connected().Writer.TryQueue(work))
        {
            throw Closed();
        }

        try
        {
            return await work.Completion.WaitAsync(Patience, clock);
        }
        catch (TimeoutException exception)
        {
            throw new StoreUnavailableException(
                work.TryAbandon()
                    ? $"The data file '{_path}' did not take a write within {Patience.TotalSeconds} s; nothing was written. Try again, or look at the disk."
                    : $"The data file '{_path}' did not confirm a write within {Patience.TotalSeconds} s; it may have been written. Read before you repeat it.",
                exception);
        }
        catch (SqliteFailure failure)
        {
            throw Unavailable("write", failure);
        }
    }

    /// <summary>Reads in one short transaction that sees every write that was confirmed before.</summary>
    internal async Task<T> ReadAsync<T>(Func<SqliteDatabase, T> read)
    {
        try
        {
            return await Connected().Readers.ReadAsync(read);
        }
        catch (SqliteFailure failure)
        {
            throw Unavailable("read", failure);
        }
        catch (ObjectDisposedException)
        {
            throw Closed();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connecting.WaitAsync();
        try
        {
            _isDisposed = true;
            if (Interlocked.Exchange(ref _connection, null) is { } connection)
            {
                await Task.Run(() => Close(connection));
            }
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>Two names of one file must meet at one lock.</summary>
    private static string Resolve(string dataFile)
    {
        var path = Path.GetFullPath(dataFile);
        return File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
    }

    private Connection Open()
    {
        var handle = SqliteFileLock.Take(_path);
        SqliteDatabase? database = null;
        try
        {
            database = SqliteDatabase.Open(_path, isReadOnly: false);
            Prepare(database);
            return new(handle, database, new SqliteWriter(database, logger), new SqliteReaders(_path));
        }
        catch (Exception exception)
        {
            database?.Dispose();
            handle.Dispose();
            throw exception is SqliteFailure failure ? Unusable(failure) : exception;
        }
    }

    private void Prepare(SqliteDatabase database)
    {
        // Only a file that is ours may be changed, be it to another journal mode.
        database.Execute("PRAGMA page_size = 4096");
        SqliteSchema.Prepare(database, _path);
        database.Execute("PRAGMA journal_mode = WAL");
        database.Execute("PRAGMA synchronous = FULL");
        database.Execute("PRAGMA temp_store = MEMORY");
        database.Execute("PRAGMA cache_size = -65536");

        // The writer folds the log into the file after the commit that takes it past this size; a longer log costs more at the next start, a shorter one writes
        // busy pages to the file more often.
        database.Execute($"PRAGMA wal_autocheckpoint = {options.CheckpointPages}");
        database.Execute("PRAGMA journal_size_limit = 67108864");
        if (options.MaxPages is { } pages)
        {
            database.Execute($"PRAGMA max_page_count = {pages}");
        }
    }

    private void Close(Connection connection)
    {
        connection.Writer.Close();
        connection.Readers.Dispose();
        try
        {
            connection.Database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteFailure failure)
        {
            Log.CheckpointFailed(logger, _path, failure);
        }

        connection.Database.Dispose();
        connection.Lock.Dispose();
    }

    private Connection Connected() => Volatile.Read(ref _connection) ?? throw Closed();

    private StoreUnavailableException Closed() => new($"The data file '{_path}' is not open: the program is starting or stopping. Nothing was written; try again.");

    private StoreUnavailableException Unavailable(string what, SqliteFailure failure) =>
        new($"The data file '{_path}' refused a {what}: {failure.Message}. Nothing was written; look at the disk's space and health, then try again.", failure);

    private StoreConfigurationException Unusable(SqliteFailure failure) => new(
        failure.PrimaryCode is SqliteFailure.NotADatabase or SqliteFailure.Corrupt
            ? $"The data file '{_path}' is no SQLite database, or it is damaged: {failure.Message}. Name another file, or put back a copy of it."
            : $"The data file '{_path}' cannot be opened: {failure.Message}. Check the rights to the file and the space on its disk, or name another file.",
        failure);

    private sealed record Connection(FileStream Lock, SqliteDatabase Database, SqliteWriter Writer, SqliteReaders Readers);
}
