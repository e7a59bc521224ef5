using System.Diagnostics;
using Krewe.Testing.Cluster;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.LostWrites;

/// <summary>Redis is killed, stopped or taken back in time under a load.</summary>
public sealed class RedisUnderLoadTests
{
    private const int Callers = 8;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Load_WhenRedisThatFlushesEachWriteIsKilledTwice_EveryAcknowledgedJobRunsOnce()
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { Persistence = RedisPersistence.Always }, Cancellation);
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis });
        await using var load = Load.Start(silo, Callers);

        for (var i = 0; i < 2; i++)
        {
            await load.AcknowledgesAsync(500);
            await redis.KillAndStartAgainAsync(Cancellation);
        }

        await load.AcknowledgesAsync(500);
        await load.StopAsync();
        await AssertAllRanOnceAsync(load);
    }

    [Fact]
    public async Task Load_WhenRedisIsFrozenForSeconds_NoJobFailsAndEnqueuesFailInTime()
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis });
        await using var load = Load.Start(silo, Callers);
        await load.AcknowledgesAsync(500);

        redis.Pause();
        await load.RefusesAsync(2 * Callers); // Each caller twice, by time or because it waited behind one: eight seconds or so.
        redis.Resume();

        await load.AcknowledgesAsync(500);
        await load.StopAsync();
        Assert.All(load.Refusals, refusal => Assert.IsType<StoreUnavailableException>(refusal.Exception));
        Assert.InRange(load.Refusals.Min(refusal => refusal.After), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.InRange(load.Refusals.Max(refusal => refusal.After), TimeSpan.Zero, Patiently.RefusedWithin);
        await AssertAllRanOnceAsync(load);
    }

    [Fact]
    public async Task Load_WhenRedisComesBackWithoutItsLastWrites_OnlyWhatWasAcknowledgedSinceMayBeLost()
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);

        // Flushed at each write, so that what is in the log is what was acknowledged; then its end is cut off, as a failover or the crash of a machine does with everysec.
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { Persistence = RedisPersistence.Always }, Cancellation);
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis });
        await using var load = Load.Start(silo, Callers);
        await load.AcknowledgesAsync(500);
        var (before, written) = (load.Promises.Count, redis.WrittenBytes);
        await load.AcknowledgesAsync(200);

        await redis.KillAsync(Cancellation);
        redis.ForgetAfter(written);
        await redis.StartAgainAsync(Cancellation);
        var startedAgain = Stopwatch.GetTimestamp();
        await load.AcknowledgesAsync(500);
        await load.StopAsync();

        var (safe, doubtful) = (load.Promises.Where((promise, i) => i < before || promise.StartedAt > startedAgain), load.Promises.Skip(before).Where(promise => promise.StartedAt <= startedAgain));
        Assert.All(await Task.WhenAll(safe.Select(promise => promise.Result)), result => Assert.Equal("done", result));
        foreach (var promise in doubtful)
        {
            await AssertAnsweredAsync(promise);
        }

        Assert.Equal(0, load.Overlaps);
    }

    private static async Task AssertAllRanOnceAsync(Load load)
    {
        Assert.All(await Task.WhenAll(load.Promises.Select(promise => promise.Result)), result => Assert.Equal("done", result));
        Assert.All(load.Promises, promise => Assert.Equal(1, load.StartsOf(promise)));
        Assert.Equal(0, load.Overlaps);
    }

    /// <summary>The job ran, or is unknown; nobody waits in vain.</summary>
    private static async Task AssertAnsweredAsync(Promise promise)
    {
        try
        {
            Assert.Equal("done", await promise.Result);
        }
        catch (ResultGoneException gone)
        {
            Assert.False(gone.IsKnown);
        }
    }
}
