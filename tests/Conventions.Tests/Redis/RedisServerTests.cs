using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Conventions.Tests.Redis;

/// <summary>The Redis of the tests does what the tests of faults believe.</summary>
public sealed class RedisServerTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_WhenAsked_Answers()
    {
        Assert.Equal("+PONG\r\n", await redis.Server.SendAsync("PING", Cancelled));
    }

    [Theory]
    [InlineData(RedisPersistence.Always, "$1\r\n1\r\n")]
    [InlineData(RedisPersistence.EverySecond, "$1\r\n1\r\n")]
    [InlineData(RedisPersistence.None, "$-1\r\n")]
    public async Task Server_WhenKilledAndStartedAgain_KeepsWhatItsPersistenceSays(RedisPersistence persistence, string expected)
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { Persistence = persistence }, Cancelled);
        await server.SendAsync("SET key 1", Cancelled);
        var port = server.Port;

        await server.KillAndStartAgainAsync(Cancelled);

        Assert.Equal(expected, await server.SendAsync("GET key", Cancelled));
        Assert.Equal(port, server.Port);
    }

    [Fact]
    public async Task Server_WhenStopped_KeepsWhatItHeld()
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        await server.SendAsync("SET key 1", Cancelled);

        await server.StopAsync(Cancelled);
        await server.StartAgainAsync(Cancelled);

        Assert.Equal("$1\r\n1\r\n", await server.SendAsync("GET key", Cancelled));
    }

    [Fact]
    public async Task Server_WhenPaused_AnswersOnlyAfterResume()
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancelled);
        server.Pause();
        var answer = server.SendAsync("PING", Cancelled);
        await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancelled));
        var answeredWhilePaused = answer.IsCompleted;

        server.Resume();

        Assert.False(answeredWhilePaused);
        Assert.Equal("+PONG\r\n", await answer);
    }

    [Fact]
    public async Task Server_WhenConfigured_WantsItsPasswordAndKeepsItsMemoryLimit()
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { Password = "secret", MaxMemory = "64mb" }, Cancelled);

        Assert.Equal($"127.0.0.1:{server.Port},password=secret", server.ConnectionString);
        Assert.Contains("maxmemory:67108864\r\n", await server.SendAsync("INFO memory", Cancelled), StringComparison.Ordinal);
        Assert.Contains("maxmemory_policy:noeviction\r\n", await server.SendAsync("INFO memory", Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WhenItsSettingsAreRefused_SaysWhatItSaid()
    {
        Assert.SkipWhen(RedisServer.IsMissing || RedisServer.IsExternal, RedisServer.IsExternal ? RedisServer.ExternalReason : RedisServer.MissingReason);

        var start = () => RedisServer.StartAsync(new RedisServerOptions { MaxMemoryPolicy = "nonsense" }, Cancelled);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(start);
        Assert.Contains("maxmemory-policy", exception.Message, StringComparison.Ordinal);
    }
}
