using Krewe.Storage.Sqlite;

namespace Krewe.Load.Stores;

/// <summary>A new SQLite file per run, with the product's own settings: every commit is synced to the disk.</summary>
internal sealed class SqliteUnderTest : IStoreUnderTest
{
    private readonly WorkFolder _folder = new();
    private int _number;

    public string Version => $"sqlite {SQLitePCL.raw.sqlite3_libversion().utf8_to_string()}";

    private string DataFile => _folder.File($"load-{_number}.db");

    internal static SqliteUnderTest Open()
    {
        SQLitePCL.Batteries_V2.Init();
        return new();
    }

    public Task RenewAsync()
    {
        foreach (var file in Directory.GetFiles(_folder.Path))
        {
            File.Delete(file);
        }

        _number++;
        return Task.CompletedTask;
    }

    public void Use(KreweBuilder krewe, SiloPorts ports)
    {
        krewe.UseSqlite(DataFile);
        krewe.Silo.UseLocalhostClustering(ports.Silo, ports.Gateway);
    }

    /// <summary>The file, once its log has been folded in.</summary>
    public Task<long> BytesAsync()
    {
        using (var database = SqliteDatabase.Open(DataFile, isReadOnly: false))
        {
            database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }

        string[] parts = [DataFile, $"{DataFile}-wal"];
        return Task.FromResult(parts.Where(File.Exists).Sum(part => new FileInfo(part).Length));
    }

    public Task<long> CountAsync()
    {
        using var database = SqliteDatabase.Open(DataFile, isReadOnly: true);
        return Task.FromResult(database.Statement("SELECT count(*) FROM jobs").Scalar() ?? 0);
    }

    public Task<TimeSpan?> ProcessorTimeAsync() => Task.FromResult<TimeSpan?>(null);

    public Task<CommandCounts?> CommandsAsync() => Task.FromResult<CommandCounts?>(null);

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
