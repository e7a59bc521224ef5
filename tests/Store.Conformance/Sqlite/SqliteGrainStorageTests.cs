using System.Text.Json;
using Krewe.Storage.Sqlite;
using Orleans.Storage;
using Xunit;

namespace Krewe.Store.Conformance.Sqlite;

/// <summary>Grain state by compare-and-set on its ETag.</summary>
public sealed class SqliteGrainStorageTests : IAsyncLifetime
{
    private static readonly GrainId Grain = GrainId.Create("schedule", "daily/\0ü");

    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-grains-").FullName;
    private SqliteFile _file = null!;
    private SqliteGrainStorage _storage = null!;

    public ValueTask InitializeAsync()
    {
        Open();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Read_WhenNeverWritten_IsANewState()
    {
        var state = await ReadAsync("old");

        Assert.Equal((null, false, null), (state.ETag, state.RecordExists, state.State!.Text));
    }

    [Fact]
    public async Task Write_WhenReadInAnotherProcess_ComesBack()
    {
        var written = await WrittenAsync("one");
        await _file.DisposeAsync();
        Open();

        var read = await ReadAsync();

        Assert.Equal(("one", true, written.ETag), (read.State!.Text, read.RecordExists, read.ETag));
        Assert.NotNull(read.ETag);
    }

    [Fact]
    public async Task Write_WhenETagIsOfTheLastWrite_ChangesIt()
    {
        var state = await WrittenAsync("one");
        var first = state.ETag;
        state.State = new() { Text = "two" };

        await _storage.WriteStateAsync("state", Grain, state);

        Assert.NotEqual(first, state.ETag);
        Assert.Equal("two", (await ReadAsync()).State!.Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("999")]
    [InlineData("not one")]
    public async Task Write_WhenETagIsAnother_IsRefused(string? etag)
    {
        await WrittenAsync("one");
        var other = new GrainState<Note>(new() { Text = "two" }) { ETag = etag! };

        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("state", Grain, other));

        Assert.Equal(etag, other.ETag);
        Assert.Equal("one", (await ReadAsync()).State!.Text);
    }

    [Fact]
    public async Task Write_WhenETagIsOfAStateThatIsGone_IsRefused()
    {
        var stale = new GrainState<Note>(new() { Text = "two" }) { ETag = "1" };

        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("state", Grain, stale));

        Assert.False((await ReadAsync()).RecordExists);
    }

    [Fact]
    public async Task Clear_WhenETagFits_RemovesTheState()
    {
        var state = await WrittenAsync("one");

        await _storage.ClearStateAsync("state", Grain, state);

        Assert.Equal((null, false, null), (state.ETag, state.RecordExists, state.State!.Text));
        Assert.False((await ReadAsync()).RecordExists);
    }

    [Fact]
    public async Task Clear_WhenETagIsAnother_IsRefused()
    {
        var state = await WrittenAsync("one");
        var stale = state.ETag;
        await _storage.WriteStateAsync("state", Grain, state);

        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync("state", Grain, new GrainState<Note>(new()) { ETag = stale }));
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync("state", Grain, new GrainState<Note>(new())));

        Assert.True((await ReadAsync()).RecordExists);
    }

    [Fact]
    public async Task Clear_WhenNothingIsThere_IsNothing()
    {
        await _storage.ClearStateAsync("state", Grain, new GrainState<Note>(new()));

        Assert.False((await ReadAsync()).RecordExists);
    }

    [Fact]
    public async Task Write_WhenAnETagIsFromBeforeAClear_IsRefused()
    {
        var state = await WrittenAsync("one");
        var stale = state.ETag;
        await _storage.ClearStateAsync("state", Grain, state);
        await WrittenAsync("again");

        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("state", Grain, new GrainState<Note>(new() { Text = "late" }) { ETag = stale }));

        Assert.Equal("again", (await ReadAsync()).State!.Text);
    }

    [Fact]
    public async Task Write_WhenNameOrGrainDiffers_IsAnotherState()
    {
        await WrittenAsync("one");
        var (other, elsewhere) = (new GrainState<Note>(new() { Text = "two" }), new GrainState<Note>(new() { Text = "three" }));
        await _storage.WriteStateAsync("other", Grain, other);
        await _storage.WriteStateAsync("state", GrainId.Create("schedule", "daily/"), elsewhere);

        Assert.Equal(("one", "two"), ((await ReadAsync()).State!.Text, (await ReadAsync("other")).State!.Text));
    }

    [Fact]
    public async Task Write_WhenManyRaceWithOneETag_OneWins()
    {
        var state = await WrittenAsync("one");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(async number =>
        {
            try
            {
                await _storage.WriteStateAsync("state", Grain, new GrainState<Note>(new() { Text = $"racer {number}" }) { ETag = state.ETag });
                return 1;
            }
            catch (InconsistentStateException)
            {
                return 0;
            }
        }));

        Assert.Equal(1, outcomes.Sum());
        Assert.StartsWith("racer", (await ReadAsync()).State!.Text, StringComparison.Ordinal);
    }

    private void Open()
    {
        _file = SqliteHarness.FileOf(Path.Combine(_folder, "jobs.db"));
        _storage = new(_file, new JsonSerializing());
    }

    private async Task<GrainState<Note>> WrittenAsync(string text)
    {
        var state = new GrainState<Note>(new() { Text = text });
        await _storage.WriteStateAsync("state", Grain, state);
        return state;
    }

    private async Task<GrainState<Note>> ReadAsync(string name = "state")
    {
        var state = new GrainState<Note>();
        await _storage.ReadStateAsync(name, Grain, state);
        return state;
    }

    private sealed class Note
    {
        public string? Text { get; set; }
    }

    private sealed class JsonSerializing : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));

        public T Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input)!;
    }
}
