using System.Diagnostics;
using Krewe.Cluster.Tests.LostWrites;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.Claims;

/// <summary>Redis goes away and comes back under a silo that works.</summary>
public sealed class RedisOutageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Outage_WhenRedisHangs_EnqueueFailsInTimeAndARunningJobIsRecordedAfterwards()
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis });
        var (job, handle, gate) = await RunAtGateAsync(silo);

        redis.Pause();
        try
        {
            var started = Stopwatch.GetTimestamp();
            var lost = await Assert.ThrowsAsync<StoreUnavailableException>(() => silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "lost"), cancellationToken: Cancellation));
            Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Patiently.RefusedWithin);
            Assert.Single(lost.MaybeStoredIds);
            gate.Open();
        }
        finally
        {
            redis.Resume();
        }

        Assert.Equal("passed", await handle.ResultAsync());
        Assert.Equal(1, silo.Setup.Scripts.RunsOf(job));
        var after = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "after"), cancellationToken: Cancellation);
        Assert.Equal("after", await after.ResultAsync());
    }

    [Fact]
    public async Task Outage_WhenRedisIsKilledAndStartedAgain_EveryJobRunsOnce()
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { Persistence = RedisPersistence.Always }, Cancellation);
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis });
        var (running, handle, gate) = await RunAtGateAsync(silo);
        var delayed = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "late"), new EnqueueOptions { Delay = TimeSpan.FromSeconds(1) }, Cancellation);

        await redis.KillAndStartAgainAsync(Cancellation);
        gate.Open();

        Assert.Equal("passed", await handle.ResultAsync());
        Assert.Equal("late", await delayed.ResultAsync());
        Assert.Equal(1, silo.Setup.Scripts.RunsOf(running));
        Assert.Equal(0, (await handle.InfoAsync()).LostDeliveries);
    }

    [Fact]
    public async Task Outage_WhenRedisHasNoMemoryLeft_NewWorkIsRefusedAndTheRestIsDone()
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis, Options = options => options.Concurrency = 1 });
        var (_, running, gate) = await RunAtGateAsync(silo);
        var queued = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "queued"), cancellationToken: Cancellation);
        var retried = await silo.Jobs.EnqueueAsync(
            silo.Setup.Scripts.Add(context => context.Attempt == 1 ? throw new IOException("Once.") : "retried"), new EnqueueOptions { Retry = RetryPolicy.Fixed(TimeSpan.Zero) }, Cancellation);
        var delayed = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "delayed"), new EnqueueOptions { Delay = TimeSpan.FromSeconds(1) }, Cancellation);

        await redis.SendAsync("CONFIG SET maxmemory 1", Cancellation);
        await Assert.ThrowsAsync<QueueFullException>(() => silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "refused"), cancellationToken: Cancellation));
        gate.Open();

        Assert.Equal(["passed", "queued", "retried", "delayed"], await Task.WhenAll(running.ResultAsync(), queued.ResultAsync(), retried.ResultAsync(), delayed.ResultAsync()));
        await redis.SendAsync("CONFIG SET maxmemory 0", Cancellation);
        var after = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "after"), cancellationToken: Cancellation);
        Assert.Equal("after", await after.ResultAsync());
    }

    [Fact]
    public async Task Outage_WhenRedisWentBackInTime_ThePartitionIsReadAnewAndWhatRunsGoesOn()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis, Options = options => options.Partitions = 1 });
        var (job, running, gate) = await RunAtGateAsync(silo);

        Assert.StartsWith(":", await redis.SendAsync($"HINCRBY {silo.Setup.KeyPrefix}{{default/0}}:meta revision -1", Cancellation), StringComparison.Ordinal);
        var next = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "served"), cancellationToken: Cancellation);

        Assert.Equal("served", await next.ResultAsync());
        Assert.Equal(JobState.Running, (await running.InfoAsync()).State);
        gate.Open();
        Assert.Equal(("passed", 1), (await running.ResultAsync(), silo.Setup.Scripts.RunsOf(job)));
        Assert.Contains(silo.Setup.Logs.All, line => line.Contains("Partition default~0", StringComparison.Ordinal) && line.Contains("revision", StringComparison.Ordinal));
    }

    private static async Task<(Scripted Job, JobHandle<string?> Handle, Gate Gate)> RunAtGateAsync(KreweHost silo)
    {
        var gate = new Gate();
        var job = silo.Setup.Scripts.Add(async (_, token) =>
        {
            await gate.PassAsync(token);
            return "passed";
        });
        var handle = await silo.Jobs.EnqueueAsync(job, cancellationToken: Cancellation);
        await gate.ArrivedAsync();
        return (job, handle, gate);
    }
}
