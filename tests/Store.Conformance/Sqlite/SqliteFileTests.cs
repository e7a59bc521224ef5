using System.Diagnostics;
using Krewe.Queues;
using Krewe.Storage;
using Krewe.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Krewe.Store.Conformance.Sqlite;

/// <summary>Files that cannot be used say so in one sentence; a full disk refuses new work only; works that fail take nobody with them.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private static readonly PartitionKey Key = new("default", 0);

    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-file-").FullName;

    private string DataFile => Path.Combine(_folder, "jobs.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Connect_WhenFileIsOpenElsewhere_IsRefusedWithTheFilesName()
    {
        await using var first = SqliteHarness.FileOf(DataFile);
        await first.ConnectAsync(CancellationToken.None);
        await using var second = SqliteHarness.FileOf(Path.Combine(_folder, ".", "jobs.db"));

        var exception = await Assert.ThrowsAsync<StoreConfigurationException>(() => second.ConnectAsync(CancellationToken.None));

        Assert.Equal(
            $"The data file '{DataFile}' is in use by another process; a file serves one process at a time. Stop the other one, name another data file, or use Redis to run several.",
            exception.Message);
        await first.DisposeAsync();
        await second.ConnectAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Connect_WhenAnotherProcessHasTheLock_IsRefusedUntilItDies()
    {
        await File.WriteAllTextAsync(DataFile + ".lock", "", TestContext.Current.CancellationToken);
        // -F: flock becomes the command, so that the one process that is waited for is the one that holds the lock.
        using var other = Process.Start(new ProcessStartInfo("flock", ["-F", "-x", DataFile + ".lock", "sh", "-c", "echo held; exec cat"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Equal("held", await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        await using var file = SqliteHarness.FileOf(DataFile);

        await Assert.ThrowsAsync<StoreConfigurationException>(() => file.ConnectAsync(CancellationToken.None));

        other.Kill(entireProcessTree: true);
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        await file.ConnectAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Connect_WhenFileIsALink_LocksWhatItPointsTo()
    {
        await using var first = SqliteHarness.FileOf(DataFile);
        await first.ConnectAsync(CancellationToken.None);
        File.CreateSymbolicLink(Path.Combine(_folder, "link.db"), DataFile);
        await using var second = SqliteHarness.FileOf(Path.Combine(_folder, "link.db"));

        var exception = await Assert.ThrowsAsync<StoreConfigurationException>(() => second.ConnectAsync(CancellationToken.None));

        Assert.Contains("is in use by another process", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WhenFolderIsMissing_NamesIt()
    {
        var exception = await RefusedAsync(Path.Combine(_folder, "none", "jobs.db"));

        Assert.Equal(
            $"The data file '{_folder}/none/jobs.db' cannot be opened: the folder '{_folder}/none' does not exist; create it, or name another data file.", exception.Message);
    }

    [Fact]
    public async Task Connect_WhenFolderIsAFile_SaysSo()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "plain"), "", TestContext.Current.CancellationToken);

        Assert.Contains("is a file, expected a folder", (await RefusedAsync(Path.Combine(_folder, "plain", "jobs.db"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WhenFileIsAFolder_SaysSo() => Assert.Contains("it is a folder, expected a file", (await RefusedAsync(_folder)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Connect_WhenFolderCannotBeWritten_SaysSo() =>
        Assert.Contains("The data file '/proc/jobs.db' cannot be written:", (await RefusedAsync("/proc/jobs.db")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Connect_WhenFileIsNoDatabase_LeavesItAlone()
    {
        var text = new string('x', 5000);
        await File.WriteAllTextAsync(DataFile, text, TestContext.Current.CancellationToken);

        Assert.Contains("is no SQLite database, or it is damaged", (await RefusedAsync(DataFile)).Message, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(DataFile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Connect_WhenDatabaseIsOfAnotherProgram_IsRefused()
    {
        await SqlAsync("CREATE TABLE customers (id INTEGER)");

        Assert.Contains("is an SQLite database of another program", (await RefusedAsync(DataFile)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WhenSchemaIsNewer_IsAVersionException()
    {
        await using (var file = SqliteHarness.FileOf(DataFile))
        {
            await file.ConnectAsync(CancellationToken.None);
        }

        await SqlAsync("PRAGMA user_version = 7");
        await using var newer = SqliteHarness.FileOf(DataFile);

        var exception = await Assert.ThrowsAsync<StoreVersionException>(() => newer.ConnectAsync(CancellationToken.None));

        Assert.Equal($"The data file '{DataFile}' was written by a newer Krewe (schema 7, this program knows 1); run that version, or name another file.", exception.Message);
    }

    [Fact]
    public async Task Commit_WhenTheDiskIsFull_RefusesNewJobsAndTakesTheRest()
    {
        await using var store = await OpenAsync(maxPages: 200);
        var lease = await store.OpenPartitionAsync(Key);
        var (number, answer) = (0, new StepAnswer(StepResult.Taken));
        while (answer.Result == StepResult.Taken)
        {
            Assert.InRange(++number, 1, 1000);
            answer = Assert.Single(await store.CommitAsync(lease, [Steps.Add(Steps.Record($"j{number}", number) with { Args = new byte[3000] })]));
        }

        Assert.Equal(new StepAnswer(StepResult.Full), answer);
        var answers = await store.CommitAsync(
            lease, [Steps.Add(Steps.Record("new", 2000) with { Args = new byte[100_000] }), Steps.Claim("j1", "t"), Steps.Succeed(Steps.Record("j1"), "t"), Steps.Add(Steps.Record("j2"))]);
        Assert.Equal([StepResult.Full, StepResult.Taken, StepResult.Taken, StepResult.Exists], answers.Select(each => each.Result));
        Assert.Equal(number - 2, (await store.CountAsync(Key)).Ready);
        Assert.Null(Assert.Single(await store.FindAsync(Key, ["new"])));
    }

    [Fact]
    public async Task Write_WhenTheDiskIsFullAndNothingMayBeRefused_IsUnavailable()
    {
        await using var store = await OpenAsync(maxPages: 60);
        var lease = await store.OpenPartitionAsync(Key);
        await store.CommitAsync(lease, [Steps.Add(Steps.Record("a")), Steps.Claim("a", "t")]);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CommitAsync(lease, [Steps.Succeed(Steps.Record("a") with { Result = new byte[1024 * 1024] }, "t")]));

        Assert.Equal(JobPlace.Running, Assert.Single(await store.FindAsync(Key, ["a"]))!.Place);
        Assert.Equal(1, (await store.CountAsync(Key)).Running);
    }

    [Fact]
    public async Task Write_WhenANeighbourFails_IsWrittenAllTheSame()
    {
        await using var file = SqliteHarness.FileOf(DataFile, new FakeTimeProvider());
        await file.ConnectAsync(CancellationToken.None);
        using var gate = new ManualResetEventSlim();
        var first = file.WriteAsync(_ => gate.Wait(TimeSpan.FromSeconds(30)));

        // All of these wait behind the first and share one transaction.
        var good = Enumerable.Range(0, 5).Select(number => Declare(file, $"queue-{number}")).ToArray();
        var bad = file.WriteAsync<int>(static database => throw new InvalidOperationException($"after {database.Statement("DELETE FROM queues").Execute()}"));
        var last = Declare(file, "queue-5");
        gate.Set();

        Assert.True(await first);
        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.All(await Task.WhenAll(good), changes => Assert.Equal(1, changes));
        Assert.Equal(1, await last);
        Assert.Equal(6, await file.ReadAsync(static database => database.Statement("SELECT count(*) FROM queues").Scalar()));
    }

    [Fact]
    public async Task Write_WhenItWaitsTooLong_IsGivenUpAndNotWritten()
    {
        var clock = new FakeTimeProvider();
        await using var file = SqliteHarness.FileOf(DataFile, clock);
        await file.ConnectAsync(CancellationToken.None);
        using var gate = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        var first = file.WriteAsync(_ =>
        {
            begun.Set();
            return gate.Wait(TimeSpan.FromSeconds(30));
        });
        Assert.True(begun.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        var second = Declare(file, "late");

        clock.Advance(TimeSpan.FromSeconds(5));

        var unsure = await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        var sure = await Assert.ThrowsAsync<StoreUnavailableException>(() => second);
        gate.Set();
        Assert.Contains("it may have been written", unsure.Message, StringComparison.Ordinal);
        Assert.Contains("nothing was written", sure.Message, StringComparison.Ordinal);
        Assert.Equal(1, await Declare(file, "next"));
        Assert.Equal(1, await file.ReadAsync(static database => database.Statement("SELECT count(*) FROM queues").Scalar()));
    }

    [Fact]
    public async Task Write_WhenTheFileIsClosed_IsUnavailable()
    {
        var file = SqliteHarness.FileOf(DataFile);
        await file.ConnectAsync(CancellationToken.None);
        await file.DisposeAsync();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => file.WriteAsync(static _ => 1));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => file.ReadAsync(static _ => 1));
    }

    [Fact]
    public async Task Log_WhenMuchIsWritten_StaysBounded()
    {
        await using var store = await OpenAsync(maxPages: null);
        var lease = await store.OpenPartitionAsync(Key);
        for (var number = 1; number <= 120; number++)
        {
            await store.CommitAsync(lease, [Steps.Add(Steps.Record($"j{number}", number) with { Args = new byte[1024 * 1024] })]);
            await store.ReadLaneAsync(Key, 0, number - 2, 1);
        }

        Assert.InRange(new FileInfo(DataFile + "-wal").Length, 1, 64L * 1024 * 1024);
    }

    private static Task<int> Declare(SqliteFile file, string queue) =>
        file.WriteAsync(database => database.Statement("INSERT INTO queues (name, partitions) VALUES (?1, 1)").Bind(1, queue).Execute());

    private async Task<SqliteJobStore> OpenAsync(int? maxPages)
    {
        var store = new SqliteJobStore(SqliteHarness.FileOf(DataFile, maxPages: maxPages));
        await store.ConnectAsync(TimeSpan.Zero, CancellationToken.None);
        return store;
    }

    private static async Task<StoreConfigurationException> RefusedAsync(string path)
    {
        await using var file = SqliteHarness.FileOf(path);
        return await Assert.ThrowsAsync<StoreConfigurationException>(() => file.ConnectAsync(CancellationToken.None));
    }

    private async Task SqlAsync(string sql)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = DataFile, Pooling = false }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
