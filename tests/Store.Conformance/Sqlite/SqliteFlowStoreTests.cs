using Krewe.Storage;
using Krewe.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Krewe.Store.Conformance.Sqlite;

/// <summary>What only a file can do to flows: it fills up, it is of an earlier program, its rows are to be removed.</summary>
public sealed class SqliteFlowStoreTests : IDisposable
{
    private const int FewPages = 300;
    private static readonly FlowHead Open = new(Steps.Noon, true, null, [1]);
    private static readonly FlowHead Closed = new(Steps.Noon, false, TimeSpan.FromHours(1), [2]);

    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-flows-").FullName;
    private readonly FakeTimeProvider _clock = new(Steps.Noon);

    private string DataFile => Path.Combine(_folder, "jobs.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Append_WhenTheDiskIsFull_RefusesNewFlows()
    {
        await using var file = await OpenAsync(FewPages);
        var flows = new SqliteFlowStore(file);
        var (number, answer) = (0, FlowAppend.Taken);
        while (answer == FlowAppend.Taken)
        {
            Assert.InRange(++number, 1, 1000);
            answer = await flows.AppendAsync($"f{number}", 0, Open, [new byte[10_000]]);
        }

        Assert.Equal(FlowAppend.Full, answer);
        Assert.Null(await flows.ReadAsync($"f{number}", 0));
        Assert.Equal(FlowAppend.WrongLength, await flows.AppendAsync("f1", 0, Open, [new byte[100_000]]));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => flows.AppendAsync("f1", 1, Open, [new byte[100_000]]));
        Assert.Equal(FlowAppend.Taken, await flows.AppendAsync("f1", 1, Closed, []));
        Assert.Equal(1, (await flows.ReadAsync("f1", 0))!.Length);
    }

    [Fact]
    public async Task Append_WhenOldFlowsFillTheDisk_HasTheirRoom()
    {
        await using var file = await OpenAsync(FewPages);
        var flows = new SqliteFlowStore(file);
        for (var number = 0; await flows.AppendAsync($"f{number}", 0, Closed, [new byte[10_000]]) == FlowAppend.Taken; number++)
        {
            Assert.InRange(number, 0, 1000);
        }

        _clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal(FlowAppend.Taken, await flows.AppendAsync("new", 0, Open, [new byte[200_000]]));
    }

    [Fact]
    public async Task Append_WhenManyFlowsHaveGone_RemovesABoundedPartOfThem()
    {
        await using var file = await OpenAsync(maxPages: null);
        var flows = new SqliteFlowStore(file);
        for (var length = 0; length < 640; length += 64)
        {
            Assert.Equal(FlowAppend.Taken, await flows.AppendAsync("long", length, Closed, [.. Enumerable.Range(0, 64).Select(number => (byte[])[(byte)number])]));
        }

        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(FlowAppend.Taken, await flows.AppendAsync("a", 0, Open, [[1]]));
        var (left, ofNew) = (await CountAsync(file, "flow_entries"), await flows.ReadAsync("long", 0));
        Assert.Equal(FlowAppend.Taken, await flows.AppendAsync("long", 0, Open, [[7]]));
        for (var length = 1; length < 4; length++)
        {
            Assert.Equal(FlowAppend.Taken, await flows.AppendAsync("a", length, Open, [[1]]));
        }

        Assert.Equal((385L, null), (left, ofNew));
        Assert.Equal([[7]], (await flows.ReadAsync("long", 0))!.Entries);
        Assert.Equal((2L, 5L), (await CountAsync(file, "flows"), await CountAsync(file, "flow_entries")));
    }

    [Fact]
    public async Task Connect_WhenTheFileIsOfAProgramWithoutFlows_AddsTheirTables()
    {
        await using (await OpenAsync(maxPages: null))
        {
        }

        await using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = DataFile, Pooling = false }.ToString()))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "DROP TABLE flows; DROP TABLE flow_entries; PRAGMA user_version";
            Assert.Equal(1L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        }

        await using var file = await OpenAsync(maxPages: null);

        Assert.Equal(FlowAppend.Taken, await new SqliteFlowStore(file).AppendAsync("a", 0, Open, [[1]]));
    }

    private static Task<long?> CountAsync(SqliteFile file, string table) => file.ReadAsync(database => database.Statement($"SELECT count(*) FROM {table}").Scalar());

    private async Task<SqliteFile> OpenAsync(int? maxPages)
    {
        var file = SqliteHarness.FileOf(DataFile, _clock, maxPages);
        await file.ConnectAsync(CancellationToken.None);
        return file;
    }
}
