using System.Collections.Concurrent;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.Order;

/// <summary>Which job is next, seen through one slot: a gate holds it while the others queue up.</summary>
public abstract class OrderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jobs_WhenPrioritiesDiffer_RunTheHighestFirstThenTheOldest()
    {
        await using var silo = await StartAsync();
        var ran = new ConcurrentQueue<string>();
        var gate = await CloseAsync(silo);
        var handles = new List<JobHandle>();
        foreach (var (name, priority) in new[] { ("a0", 0), ("b9", 9), ("c5", 5), ("d9", 9), ("e0", 0), ("f5", 5) })
        {
            handles.Add(await EnqueueAsync(silo, ran, name, new EnqueueOptions { Priority = priority }));
        }

        gate.Open();
        await Task.WhenAll(handles.Select(handle => handle.EndAsync()));

        Assert.Equal(["b9", "d9", "c5", "f5", "a0", "e0"], ran);
    }

    [Fact]
    public async Task Jobs_WhenPrioritiesAreEqual_RunInTheOrderOfEnqueue()
    {
        await using var silo = await StartAsync();
        var ran = new ConcurrentQueue<string>();
        var gate = await CloseAsync(silo);
        var names = Enumerable.Range(0, 50).Select(number => $"{number:00}").ToList();
        var handles = new List<JobHandle>();
        foreach (var name in names)
        {
            handles.Add(await EnqueueAsync(silo, ran, name));
        }

        gate.Open();
        await Task.WhenAll(handles.Select(handle => handle.EndAsync()));

        Assert.Equal(names, ran);
    }

    [Fact]
    public async Task Jobs_WhenTheirQueueHasPartitions_TheHighestHeadIsServedFirst()
    {
        const int Partitions = 4;
        await using var silo = await StartAsync(options => options.Partitions = Partitions);
        var ran = new ConcurrentQueue<string>();
        var gate = await CloseAsync(silo);
        var handles = new List<JobHandle>();
        foreach (var (name, priority, count) in new[] { ("low", 0, 40), ("high", 9, 12) })
        {
            for (var i = 0; i < count; i++)
            {
                handles.Add(await EnqueueAsync(silo, ran, name, new EnqueueOptions { Priority = priority }));
            }
        }

        gate.Open();
        await Task.WhenAll(handles.Select(handle => handle.EndAsync()));

        // Bells and answers tell the heads; what is on its way meanwhile may let each partition go before a higher one once.
        var early = ran.Take(ran.ToList().LastIndexOf("high")).Count(name => name == "low");
        Assert.True(early <= Partitions, $"Expected at most {Partitions} of low before the last of high, got {string.Join(' ', ran)}.");
    }

    [Fact]
    public async Task Jobs_WhenOneIsRetried_ItJoinsAtTheTailOfItsLane()
    {
        await using var silo = await StartAsync();
        var ran = new ConcurrentQueue<string>();
        var gate = await CloseAsync(silo);
        var flaky = await silo.Jobs.EnqueueAsync(
            silo.Setup.Scripts.Add(context =>
            {
                ran.Enqueue($"flaky {context.Attempt}");
                return context.Attempt == 1 ? throw new IOException("Once.") : "done";
            }),
            new EnqueueOptions { Retry = RetryPolicy.Fixed(TimeSpan.Zero), Priority = 3 },
            Cancellation);
        var low = await EnqueueAsync(silo, ran, "low");
        var second = new Gate();
        var blocker = await silo.Jobs.EnqueueAsync(
            silo.Setup.Scripts.Add(async (_, token) =>
            {
                ran.Enqueue("blocker");
                await second.PassAsync(token);
                return "done";
            }),
            new EnqueueOptions { Priority = 3 },
            Cancellation);

        gate.Open();
        await second.ArrivedAsync();
        await silo.Setup.Events.Until("job.promoted", flaky.Id);
        second.Open();
        await Task.WhenAll(flaky.EndAsync(), low.EndAsync(), blocker.EndAsync());

        Assert.Equal(["flaky 1", "blocker", "flaky 2", "low"], ran);
        Assert.Equal(3, (await flaky.InfoAsync()).Priority);
    }

    [Fact]
    public async Task Jobs_WhenTheBacklogIsLargerThanTheWindow_AreClaimedInOrder()
    {
        const int Slots = 100;
        const int Count = 2_600;
        await using var silo = await StartAsync(options => options.Concurrency = Slots);
        silo.Setup.Scripts.AddAs("many", (_, _) => Task.FromResult<string?>(null));
        var gate = await CloseAsync(silo, Slots);
        var handles = await silo.Jobs.EnqueueManyAsync(Enumerable.Repeat(new Scripted("many"), Count), new EnqueueOptions { IgnoreResult = true }, Cancellation); // One call after the other: what is sent side by side may arrive the other way round.

        gate.Open();
        await Task.WhenAll(handles.Select(handle => handle.EndAsync()));

        var places = handles.Select((handle, place) => (handle.Id, place)).ToDictionary(job => job.Id, job => job.place);
        var claimed = silo.Setup.Events.Seen.Where(seen => seen.Kind == "job.claimed").Skip(Slots).Select(seen => places.GetValueOrDefault(seen.JobId, -1));
        Assert.Equal(Enumerable.Range(0, Count), claimed);
    }

    [Fact]
    public async Task Queues_WhenOneIsFlooded_TheOthersAreServedByWeight()
    {
        await using var silo = await StartAsync();
        var ran = new ConcurrentQueue<string>();
        var gate = await CloseAsync(silo);
        var handles = new List<JobHandle>();
        for (var i = 0; i < 64; i++)
        {
            handles.Add(await EnqueueAsync(silo, ran, "critical", new EnqueueOptions { Queue = "critical" }));
        }

        for (var i = 0; i < 4; i++)
        {
            handles.Add(await EnqueueAsync(silo, ran, "low", new EnqueueOptions { Queue = "low" }));
        }

        gate.Open();
        await Task.WhenAll(handles.Select(handle => handle.EndAsync()));

        // Weights 10 and 1: every stretch of 11 has one of low, so the fourth of them is among the first 44, give or take one round.
        Assert.InRange(ran.ToList().LastIndexOf("low"), 0, 54);
        Assert.InRange(ran.Take(12).Count(queue => queue == "low"), 1, 3);
    }

    [Fact]
    public async Task Queues_WhenASiloConsumesSome_EachHasItsOwnSlotsAndOthersWait()
    {
        await using var silo = await StartAsync(options => options.ConsumedQueues = new Dictionary<string, int> { ["critical"] = 2, ["default"] = 1 });
        var (critical, usual) = (new Gate(), new Gate());
        Func<JobContext, CancellationToken, Task<string?>> AtGate(Gate gate) => async (_, token) =>
        {
            await gate.PassAsync(token);
            return "done";
        };

        var handles = new List<JobHandle>();
        for (var i = 0; i < 3; i++)
        {
            handles.Add(await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(AtGate(usual)), cancellationToken: Cancellation));
            handles.Add(await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(AtGate(critical)), new EnqueueOptions { Queue = "critical" }, Cancellation));
        }

        var low = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "never"), new EnqueueOptions { Queue = "low" }, Cancellation);
        await usual.ArrivedAsync();
        await critical.ArrivedAsync(2);

        var worker = Assert.Single(await silo.Jobs.Workers.ListAsync(Cancellation));
        Assert.Equal((2, 1), (worker.Slots["critical"], worker.Slots["default"]));
        Assert.Equal((2, 1), (worker.Running["critical"], worker.Running["default"]));
        Assert.Equal(3, worker.RunningJobIds.Count);
        usual.Open();
        critical.Open();
        await Task.WhenAll(handles.Select(handle => handle.EndAsync()));
        Assert.Equal((3, 3), (usual.ArrivedCount, critical.ArrivedCount));
        Assert.Equal(JobState.Queued, (await low.InfoAsync()).State);
    }

    private protected abstract Task<RedisServer?> RedisAsync();

    private async Task<KreweHost> StartAsync(Action<KreweOptions>? options = null) => await KreweHost.StartAsync(new KreweSetup
    {
        Redis = await RedisAsync(),
        IsOnDisk = false,
        Options = krewe =>
        {
            krewe.Concurrency = 1;
            krewe.Partitions = 1;
            options?.Invoke(krewe);
        },
    });

    /// <summary>Takes all slots until the gate opens.</summary>
    private static async Task<Gate> CloseAsync(KreweHost silo, int slots = 1)
    {
        var gate = new Gate();
        var job = silo.Setup.Scripts.Add(async (_, token) =>
        {
            await gate.PassAsync(token);
            return "open";
        });
        await silo.Jobs.EnqueueManyAsync<string?>(Enumerable.Repeat(job, slots), cancellationToken: Cancellation);
        await gate.ArrivedAsync(slots);
        return gate;
    }

    private static async Task<JobHandle> EnqueueAsync(KreweHost silo, ConcurrentQueue<string> ran, string name, EnqueueOptions? options = null) => await silo.Jobs.EnqueueAsync(
        silo.Setup.Scripts.Add(_ =>
        {
            ran.Enqueue(name);
            return name;
        }),
        options,
        Cancellation);
}

public sealed class OrderOnSqliteTests : OrderTests
{
    private protected override Task<RedisServer?> RedisAsync() => Task.FromResult<RedisServer?>(null);
}

public sealed class OrderOnRedisTests(RedisFixture redis) : OrderTests, IClassFixture<RedisFixture>
{
    private protected override Task<RedisServer?> RedisAsync() => Task.FromResult<RedisServer?>(redis.Server);
}
