using System.Diagnostics;
using System.Globalization;
using Krewe.Testing.Cluster;
using Krewe.Testing.Processes;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>A deployment: each of three silos is stopped as its supervisor would and replaced, while jobs come.</summary>
[Collection(Alone.Name)]
public sealed class RollingTests
{
    private const int Silos = 3;
    private const int WarmUpJobs = 5_000;

    /// <summary>Jobs a second, where the machine bears them beside the start of a silo: a quarter of what it does when nothing starts.</summary>
    private const int MostPerSecond = 1_000;

    /// <summary>Seconds of load before the first silo is stopped, and after each replacement.</summary>
    private const int SecondsBetween = 3;

    /// <summary>
    /// What a stop adds is printed: half a second on a quiet machine; up to 2 s on a busy one, where calls that were on their way to the silo are asked again after 1.5 s. The bound is for a machine that stands still meanwhile, and below the 10 s that a lost call would wait for.
    /// </summary>
    private static readonly TimeSpan AddedWait = TimeSpan.FromSeconds(6);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Roll_WhenEachOfThreeSilosIsReplacedUnderLoad_FailsNoJobSpendsNoAttemptAndDelaysNone()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        var silos = new List<SiloProcess>(await Task.WhenAll(Enumerable.Range(0, Silos).Select(_ => StartAsync(redis))));
        try
        {
            await using var client = await ExternalClient.StartAsync(builder => builder.UseRedis(redis.ConnectionString));
            var perSecond = Math.Clamp(await WarmUpAsync(client.Jobs) / 4, 100, MostPerSecond);
            using var load = SteadyLoad.Start(client.Jobs, perSecond);
            await load.PassAsync(SecondsBetween * perSecond);
            var rolledAt = TimeProvider.System.GetUtcNow();
            for (var index = 0; index < Silos; index++)
            {
                silos[index].Send(Signal.Terminate);
                Assert.Equal(0, await silos[index].ExitAsync());
                silos.Add(await StartAsync(redis));
                await load.PassAsync(SecondsBetween * perSecond);
            }

            await load.StopAsync();
            await AssertUnharmedAsync(load, rolledAt, silos, client.Jobs);
        }
        finally
        {
            foreach (var silo in silos)
            {
                await silo.DisposeAsync();
            }
        }
    }

    private static async Task AssertUnharmedAsync(SteadyLoad load, DateTimeOffset rolledAt, List<SiloProcess> silos, IJobClient jobs)
    {
        var before = P99(load.Ended.Where(job => job.CalledAt < rolledAt));
        var during = P99(load.Ended.Where(job => job.CalledAt >= rolledAt));
        var longest = load.Ended.Max(job => job.Timing.Wait);
        var said = string.Create(
            CultureInfo.InvariantCulture,
            $"{load.Ended.Count} jobs at {load.Rate:N0}/s; wait p99 {before.TotalMilliseconds:N0} ms before, {during.TotalMilliseconds:N0} ms while {Silos} silos were replaced, longest {longest.TotalMilliseconds:N0} ms");
        TestContext.Current.TestOutputHelper?.WriteLine(said);

        Assert.Empty(load.Failures);
        Assert.Empty(silos.SelectMany(silo => silo.Errors));
        Assert.All(load.Ended, job => Assert.Equal(1, job.Timing.Attempt));
        Assert.Equal(silos.Select(silo => silo.Id).Order(), load.Ended.Select(job => job.Timing.Process).Distinct().Order()); // Each of the six ran some.
        foreach (var job in load.Ended.Where(job => job.IsHeld))
        {
            Assert.Equal(0, (await job.Handle.GetInfoAsync(Cancellation))!.LostDeliveries);
        }

        Assert.Equal(0, (await jobs.Queues.ListAsync(Cancellation)).Sum(queue => queue.Dead));
        Assert.True(during - before <= AddedWait, said);
    }

    private static TimeSpan P99(IEnumerable<TimedJob> jobs)
    {
        var waits = jobs.Select(job => job.Timing.Wait).Order().ToList();
        return waits[(int)(waits.Count * 0.99)];
    }

    /// <summary>What is new to a process costs seconds once; that is not what a deployment adds.</summary>
    /// <returns>Jobs a second that the machine bears.</returns>
    private static async Task<int> WarmUpAsync(IJobClient jobs)
    {
        var seconds = 0.0;
        for (var round = 0; round < 2; round++)
        {
            var started = Stopwatch.GetTimestamp();
            var handles = await jobs.EnqueueManyAsync<Timing>(Enumerable.Repeat(new Timed(TimeProvider.System.GetUtcNow(), TimeSpan.Zero), WarmUpJobs), cancellationToken: Cancellation);
            await Task.WhenAll(handles.Select(handle => handle.GetResultAsync(TimeSpan.FromMinutes(3), Cancellation)));
            seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        return (int)(WarmUpJobs / seconds);
    }

    private static async Task<SiloProcess> StartAsync(RedisServer redis)
    {
        var (silo, http) = await SiloProcess.ServeAsync("--redis", redis.ConnectionString, "--silo-port", SiloProcess.FreePort(), "--gateway-port", SiloProcess.FreePort(), "--concurrency", "50");
        using var client = http;
        await http.ReadyAsync();
        return silo;
    }
}
