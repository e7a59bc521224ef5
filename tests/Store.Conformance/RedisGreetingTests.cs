using Krewe.Storage;
using Krewe.Storage.Redis;
using Krewe.Testing.Redis;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>What a store says about a server when it meets it.</summary>
public sealed class RedisGreetingTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connect_WhenServerEvictsAndForgets_WarnsOfBoth()
    {
        await using var server = await RedisServer.StartAsync(new() { MaxMemoryPolicy = "allkeys-lru", Persistence = RedisPersistence.None }, Cancelled);

        Assert.Equal((int[])[1802, 1803], await WarningsAsync(server));
    }

    [Fact]
    public async Task Connect_WhenServerIsAsItShouldBe_WarnsOfNothing()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);

        Assert.Empty(await WarningsAsync(server));
    }

    [Fact]
    public async Task Connect_WhenSettingsAreSecret_SaysThatTheyWereNotChecked()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraArguments = ["--rename-command", "CONFIG", ""] }, Cancelled);

        Assert.Equal((int[])[1804], await WarningsAsync(server));
    }

    [Fact]
    public async Task Connect_WhenLayoutIsOfAnUnknownVersion_IsRefused()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await using var harness = new RedisHarness(server.ConnectionString);
        await harness.StartAsync();
        var store = await harness.ReopenWithVersionAsync(2);

        var exception = await Assert.ThrowsAsync<StoreVersionException>(() => store.ConnectAsync(TimeSpan.Zero, Cancelled));

        Assert.Contains("(schema 2, this program knows 1)", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<int[]> WarningsAsync(RedisServer server)
    {
        var logger = new WarningList();
        await using var harness = new RedisHarness(server.ConnectionString, logger: logger);
        await harness.StartAsync();
        return [.. logger.Ids];
    }

    private sealed class WarningList : ILogger<RedisJobStore>
    {
        internal List<int> Ids { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
            {
                Ids.Add(eventId.Id);
            }
        }
    }
}
