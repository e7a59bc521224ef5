using Krewe.Queues;
using Krewe.Storage;
using Krewe.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Krewe.Store.Conformance.Sqlite;

/// <summary>A data file in a folder of its own. A crash is a copy of the file and its log as they lie on the disk, without closing anything first.</summary>
internal sealed class SqliteHarness : IStoreHarness
{
    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-store-").FullName;
    private int _crashes;
    private SqliteJobStore? _store;
    private SqliteFlowStore? _flows;
    private SqliteScheduleStore? _schedules;

    public IJobStore Store => _store ?? throw new InvalidOperationException("The store is not started.");

    public IFlowStore Flows => _flows ?? throw new InvalidOperationException("The store is not started.");

    public IScheduleStore Schedules => _schedules ?? throw new InvalidOperationException("The store is not started.");

    internal string DataFile => Path.Combine(_folder, $"{_crashes}.db");

    internal static SqliteFile FileOf(string dataFile, TimeProvider? clock = null, int? maxPages = null) =>
        new(new SqliteFileOptions { DataFile = dataFile, MaxPages = maxPages }, clock ?? TimeProvider.System, NullLogger<SqliteFile>.Instance);

    public Task StartAsync() => ConnectAsync();

    public async Task ReopenAsync()
    {
        var (left, leftFile) = (_store!, DataFile);
        _crashes++;
        foreach (var ending in new[] { "", "-wal" })
        {
            File.Copy(leftFile + ending, DataFile + ending);
        }

        await left.DisposeAsync();
        await ConnectAsync();
    }

    public Task CorruptAsync(PartitionKey key, string id, byte[] bytes) =>
        QueryAsync("UPDATE jobs SET record = $bytes WHERE id = $id AND partition = (SELECT id FROM partitions WHERE queue = $queue AND partition = $partition) RETURNING 1", key, id, bytes);

    public async Task<byte[]> ReadBytesAsync(PartitionKey key, string id) =>
        (byte[])(await QueryAsync("SELECT record FROM jobs WHERE id = $id AND partition = (SELECT id FROM partitions WHERE queue = $queue AND partition = $partition)", key, id, []))!;

    public async Task<IJobStore> ReopenWithVersionAsync(int version)
    {
        await _store!.DisposeAsync();
        await using (var connection = await OpenAsync())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA user_version = {version}";
            await command.ExecuteNonQueryAsync();
        }

        return _store = new(FileOf(DataFile));
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task ConnectAsync()
    {
        var file = FileOf(DataFile);
        (_store, _flows, _schedules) = (new(file), new(file), new(file));
        await _store.ConnectAsync(TimeSpan.Zero, CancellationToken.None);
    }

    private async Task<object?> QueryAsync(string sql, PartitionKey key, string id, byte[] bytes)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$id", id);
        command.Parameters.AddWithValue("$queue", key.Queue);
        command.Parameters.AddWithValue("$partition", key.Partition);
        command.Parameters.AddWithValue("$bytes", bytes);
        return await command.ExecuteScalarAsync();
    }

    private async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = DataFile, Pooling = false }.ToString());
        await connection.OpenAsync();
        return connection;
    }
}
