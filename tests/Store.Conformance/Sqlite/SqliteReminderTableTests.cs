using CsCheck;
using Krewe.Storage.Sqlite;
using Xunit;

namespace Krewe.Store.Conformance.Sqlite;

/// <summary>Reminders by grain, by name and by ranges of the ring.</summary>
public sealed class SqliteReminderTableTests : IAsyncLifetime
{
    private static readonly DateTime Start = new(2031, 5, 6, 12, 0, 0, 123, DateTimeKind.Utc);

    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-reminders-").FullName;
    private SqliteFile _file = null!;
    private SqliteReminderTable _table = null!;

    public async ValueTask InitializeAsync()
    {
        _file = SqliteHarness.FileOf(Path.Combine(_folder, "jobs.db"));
        _table = new(_file);
        await _table.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Upsert_WhenNew_ComesBackWhole()
    {
        var etag = await _table.UpsertRow(Entry("a", "wake"));

        var entry = Assert.IsType<ReminderEntry>(await _table.ReadRow(Grain("a"), "wake"));

        Assert.Equal((Grain("a"), "wake", Start, TimeSpan.FromMinutes(1), etag), (entry.GrainId, entry.ReminderName, entry.StartAt, entry.Period, entry.ETag));
        Assert.Equal(DateTimeKind.Utc, entry.StartAt.Kind);
    }

    [Fact]
    public async Task Upsert_WhenThere_ReplacesItUnderAnotherETag()
    {
        var first = await _table.UpsertRow(Entry("a", "wake"));
        var entry = Entry("a", "wake");
        entry.Period = TimeSpan.FromHours(2);

        var second = await _table.UpsertRow(entry);

        Assert.NotEqual(first, second);
        Assert.Equal(TimeSpan.FromHours(2), Assert.Single((await _table.ReadRows(Grain("a"))).Reminders).Period);
    }

    [Fact]
    public async Task ReadRow_WhenThereIsNone_IsNull() => Assert.Null(await _table.ReadRow(Grain("a"), "wake"));

    [Fact]
    public async Task ReadRows_WhenOfOneGrain_AreItsOwn()
    {
        await _table.UpsertRow(Entry("a", "one"));
        await _table.UpsertRow(Entry("a", "two"));
        await _table.UpsertRow(Entry("b", "three"));

        Assert.Equal(["one", "two"], (await _table.ReadRows(Grain("a"))).Reminders.Select(entry => entry.ReminderName));
    }

    [Fact]
    public async Task Remove_WhenETagFits_RemovesIt()
    {
        var etag = await _table.UpsertRow(Entry("a", "wake"));

        Assert.False(await _table.RemoveRow(Grain("a"), "wake", "99"));
        Assert.False(await _table.RemoveRow(Grain("a"), "wake", "none"));
        Assert.False(await _table.RemoveRow(Grain("a"), "other", etag!));
        Assert.True(await _table.RemoveRow(Grain("a"), "wake", etag!));
        Assert.False(await _table.RemoveRow(Grain("a"), "wake", etag!));

        Assert.Null(await _table.ReadRow(Grain("a"), "wake"));
    }

    [Fact]
    public async Task ReadRows_WhenRangesAreAny_FollowTheRing()
    {
        string[] keys = [.. Enumerable.Range(0, 40).Select(number => $"g{number}")];
        foreach (var key in keys)
        {
            await _table.UpsertRow(Entry(key, "wake"));
        }

        // Bounds at, before and after the hashes that are there, and the ends of the ring; begin above end and begin equal to end wrap.
        var hashes = keys.Select(key => Grain(key).GetUniformHashCode()).ToArray();
        uint[] bounds = [0, 1, uint.MaxValue, .. hashes.Take(10).SelectMany(hash => new[] { hash - 1, hash, hash + 1 })];
        await Gen.Select(Gen.Int[0, bounds.Length - 1], Gen.Int[0, bounds.Length - 1], (begin, end) => (bounds[begin], bounds[end])).SampleAsync(
            async (begin, end) =>
            {
                var expected = keys.Where((_, index) => IsBetween(hashes[index], begin, end)).Order(StringComparer.Ordinal);
                var found = (await _table.ReadRows(begin, end)).Reminders.Select(entry => entry.GrainId.Key.ToString()!).Order(StringComparer.Ordinal);
                Assert.Equal(expected, found);
            },
            iter: 300, threads: 1);
    }

    [Fact]
    public async Task Clear_WhenThereAreSome_LeavesNone()
    {
        await _table.UpsertRow(Entry("a", "wake"));

        await _table.TestOnlyClearTable();

        Assert.Empty((await _table.ReadRows(0, 0)).Reminders);
    }

    [Fact]
    public async Task ReadRows_WhenFileWasClosed_AreStillThere()
    {
        var etag = await _table.UpsertRow(Entry("a", "wake"));
        await _file.DisposeAsync();
        await InitializeAsync();

        Assert.Equal(etag, (await _table.ReadRow(Grain("a"), "wake"))?.ETag);
    }

    private static bool IsBetween(uint hash, uint begin, uint end) => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;

    private static GrainId Grain(string key) => GrainId.Create("schedule", key);

    private static ReminderEntry Entry(string key, string name) =>
        new() { GrainId = Grain(key), ReminderName = name, StartAt = Start, Period = TimeSpan.FromMinutes(1), ETag = "" };
}
