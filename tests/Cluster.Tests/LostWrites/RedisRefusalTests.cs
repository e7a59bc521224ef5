using System.Diagnostics;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.LostWrites;

/// <summary>A Redis that answers, but refuses to write: enqueues fail with one sentence, what runs keeps its outcome, and all goes on when Redis is well.</summary>
public sealed class RedisRefusalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "read-only replica")]
    [InlineData(true, "requires writable")]
    public async Task Refusal_WhileRedisIsAReplica_NamesItAndOutcomesWaitForThePrimary(bool isSeenByTheDriver, string words)
    {
        await using var redis = await StartAsync();
        await RefuseAsync(
            redis,
            words,
            async () =>
            {
                await redis.SendAsync("REPLICAOF 127.0.0.1 1", Cancellation); // Nobody listens there: it keeps its data and is read-only.
                if (isSeenByTheDriver)
                {
                    await redis.SendAsync("CLIENT KILL TYPE normal", Cancellation); // It looks at the role when it connects, and sends a replica nothing to write.
                }
            },
            () => redis.SendAsync("REPLICAOF NO ONE", Cancellation));
    }

    [Fact]
    public async Task Refusal_WhileRedisLoadsItsData_NamesItAndOutcomesWait()
    {
        await using var redis = await StartAsync("--key-load-delay", "500");
        await redis.SendAsync("EVAL \"for i=1,120000 do redis.call('SET','ballast'..i,'x') end\" 0", Cancellation); // Half a millisecond each: a minute, unless it is told to go on.
        var starts = Task.CompletedTask;
        await RefuseAsync(
            redis,
            "loads its data",
            async () =>
            {
                await redis.KillAsync(Cancellation);
                starts = redis.StartAgainAsync(Cancellation);
            },
            async () =>
            {
                Assert.False(starts.IsCompleted);
                await redis.SendAsync("CONFIG SET key-load-delay 0", Cancellation);
                await starts;
            });
    }

    [Fact]
    public async Task Refusal_WhileTooFewReplicasListen_NamesItAndOutcomesWait()
    {
        await using var redis = await StartAsync();
        await RefuseAsync(
            redis,
            "NOREPLICAS",
            () => redis.SendAsync("CONFIG SET min-replicas-to-write 1", Cancellation),
            () => redis.SendAsync("CONFIG SET min-replicas-to-write 0", Cancellation));
    }

    [Fact]
    public async Task Refusal_WhileRedisCannotWriteItsSnapshots_NamesItAndOutcomesWait()
    {
        await using var redis = await StartAsync();
        var snapshot = new DirectoryInfo(Path.Combine(redis.Folder, "dump.rdb"));
        await RefuseAsync(
            redis,
            "cannot write to its disk",
            async () =>
            {
                snapshot.Create(); // No snapshot can take the place of a folder.
                await redis.SendAsync("CONFIG SET save \"3600 1000000\"", Cancellation); // It stops to write only when it is to make snapshots by itself.
                await SnapshotAsync(redis, "err");
            },
            async () =>
            {
                snapshot.Delete();
                await SnapshotAsync(redis, "ok");
            });
    }

    private static Task<RedisServer> StartAsync(params string[] arguments)
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        return RedisServer.StartAsync(new RedisServerOptions { ExtraArguments = arguments }, Cancellation);
    }

    /// <summary>A job runs while Redis begins to refuse, ends meanwhile, and has its outcome when Redis is well again; so does another one then.</summary>
    private static async Task RefuseAsync(RedisServer redis, string words, Func<Task> spoil, Func<Task> mend)
    {
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis });
        var job = await GatedJob.StartAsync(silo);

        await spoil();
        await AssertRefusedAsync(silo, words);
        job.Gate.Open();
        await silo.Setup.Logs.Until("outcomes wait to be recorded");
        await mend();

        await job.PassesAsync();
        await Patiently.RunAnotherAsync(silo);
    }

    /// <summary>Has Redis make a snapshot, and waits until that has ended so.</summary>
    private static async Task SnapshotAsync(RedisServer redis, string status)
    {
        using var timeout = new CancellationTokenSource(Some.Timeout);
        await redis.SendAsync("BGSAVE", Cancellation);
        while (await redis.SendAsync("INFO persistence", Cancellation) is var info && !info.Contains($"rdb_last_bgsave_status:{status}", StringComparison.Ordinal))
        {
            Assert.False(timeout.IsCancellationRequested, $"Expected within {Some.Timeout} a snapshot that ends with {status}, got: {info}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
        }
    }

    /// <summary>Enqueues until it fails with these words. Each failure comes within 5 seconds, as one that the caller can repeat.</summary>
    private static async Task AssertRefusedAsync(KreweHost silo, string words)
    {
        using var timeout = new CancellationTokenSource(Some.Timeout);
        while (true)
        {
            var started = Stopwatch.GetTimestamp();
            var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "refused"), cancellationToken: Cancellation));
            Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Patiently.RefusedWithin);
            if (refused.Message.Contains(words, StringComparison.Ordinal))
            {
                Assert.Equal(2, refused.Message.Split(". ").Length); // This one, and the client's about the id, whatever else Redis had to say.
                return;
            }

            Assert.False(timeout.IsCancellationRequested, $"Expected within {Some.Timeout} a refusal with '{words}', got: {refused.Message}");
        }
    }
}
