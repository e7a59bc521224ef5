using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing.Cluster;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.BackPressure;

/// <summary>A queue holds as many waiting jobs as it may: not one more, however they come, and not one fewer, however many partitions it has.</summary>
public abstract class QueueLimitTests
{
    private const string Queue = "narrow";
    private static readonly EnqueueOptions Waits = new() { Queue = Queue, Delay = TimeSpan.FromHours(1) };

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 10, 10)]
    [InlineData(4, 10, 10)]
    [InlineData(7, 100, 100)]
    [InlineData(64, 70, 70)]
    [InlineData(8, 3, 8)] // Each partition may have one.
    public async Task Enqueue_WhenTheQueueHasPartitions_FillsThemAllAndNoMore(int partitions, int limit, int expected)
    {
        await using var silo = await StartAsync(partitions, limit);
        var stored = 0;
        var refused = await Assert.ThrowsAsync<QueueFullException>(async () =>
        {
            for (; stored <= expected; stored++)
            {
                await silo.Jobs.EnqueueAsync(new EchoText("waits"), Waits, Cancellation);
            }
        });

        Assert.Equal((Queue, expected), (refused.Queue, stored));
        Assert.Equal(expected, await WaitingAsync(silo));
    }

    [Fact]
    public async Task Enqueue_WhenManyCallAtOnce_StoresExactlyTheLimit()
    {
        await using var silo = await StartAsync(4, 300);

        var calls = Enumerable.Range(0, 1_000).Select(_ => silo.Jobs.EnqueueAsync(new EchoText("waits"), Waits, Cancellation)).ToList();
        await Task.WhenAll(calls.Select(call => call.ContinueWith(static _ => { }, TaskScheduler.Default)));

        Assert.Equal(300, calls.Count(call => call.IsCompletedSuccessfully));
        Assert.All(calls.Where(call => call.IsFaulted), call => Assert.IsType<QueueFullException>(call.Exception!.InnerException));
        Assert.Equal(300, await WaitingAsync(silo));
    }

    [Fact]
    public async Task EnqueueMany_WhenOnlySomeFit_StoresThoseAndSaysWhich()
    {
        await using var silo = await StartAsync(4, 102);

        var refused = await Assert.ThrowsAsync<BulkEnqueueException>(() =>
            silo.Jobs.EnqueueManyAsync<string>(Enumerable.Range(0, 1_000).Select(number => new EchoText($"{number}")), Waits, Cancellation));

        Assert.Equal((102, 898), (refused.Handles.Count(handle => handle is not null), refused.Errors.Count(error => error is QueueFullException)));
        Assert.Equal(102, await WaitingAsync(silo));
        foreach (var handle in refused.Handles.OfType<JobHandle>().Take(2))
        {
            Assert.True(await handle.CancelAsync(Cancellation));
        }

        for (var stored = 0; stored < 2;)
        {
            // A partition that was full is passed over for a second.
            var more = await TryManyAsync(silo, new EchoText("a"), new EchoText("b"), new EchoText("c"));
            stored += more.Handles.Count(handle => handle is not null);
            Assert.InRange(stored, 0, 2);
        }

        Assert.Equal(102, await WaitingAsync(silo));
    }

    [Fact]
    public async Task Enqueue_WhenTheJobIsThereAlready_IsToldSoThoughTheQueueIsFull()
    {
        await using var silo = await StartAsync(1, 1);
        await silo.Jobs.EnqueueAsync(new EchoText("mine"), Waits with { Id = "mine" }, Cancellation);

        var again = await silo.Jobs.EnqueueAsync(new EchoText("mine"), Waits with { Id = "mine" }, Cancellation);

        Assert.True(again.IsExisting);
        await Assert.ThrowsAsync<JobIdConflictException>(() => silo.Jobs.EnqueueAsync(new EchoText("another"), Waits with { Id = "mine" }, Cancellation));
        await Assert.ThrowsAsync<QueueFullException>(() => silo.Jobs.EnqueueAsync(new EchoText("new"), Waits with { Id = "yours" }, Cancellation));
    }

    [Fact]
    public async Task Enqueue_WhenJobsLieParked_CountsThemToo()
    {
        await using var silo = await StartAsync(1, 2);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var parked = await silo.Jobs.EnqueueAsync("nobody.handles_it", Testing.Some.Json("{}"), new EnqueueOptions { Queue = Queue }, Cancellation);
            await silo.Setup.Events.Until("job.parked", parked.Id);
        }

        await Assert.ThrowsAsync<QueueFullException>(() => silo.Jobs.EnqueueAsync(new EchoText("new"), Waits, Cancellation));
    }

    [Fact]
    public async Task Schedule_OfAFlow_EnqueuesItThoughItsQueueIsFull()
    {
        await using var silo = await StartAsync(1, 1);
        await silo.Jobs.EnqueueAsync(new EchoText("waits"), Waits, Cancellation);
        var work = Chain.Of(new EchoText("first").With(new EnqueueOptions { Queue = Queue })).Then(new EchoText("last").With(new EnqueueOptions { Queue = Queue }));
        await silo.Jobs.Schedules.CreateAsync("flow", Recurrence.Cron("0 2 * * *"), work, cancellationToken: Cancellation);

        var occurrence = await silo.Jobs.Schedules.TriggerAsync("flow", cancellationToken: Cancellation);

        Assert.Equal("last", await silo.Jobs.GetFlow<string>(occurrence.JobId!).GetResultAsync(Testing.Some.Timeout, Cancellation));
    }

    private protected abstract KreweSetup Setup(Action<KreweOptions> options);

    private static Task<BulkEnqueueException> TryManyAsync(KreweHost silo, params EchoText[] jobs) => Assert.ThrowsAsync<BulkEnqueueException>(() => silo.Jobs.EnqueueManyAsync<string>(jobs, Waits, Cancellation));

    private static async Task<long> WaitingAsync(KreweHost silo) => (await silo.Jobs.Queues.ListAsync(Cancellation)).Single(queue => queue.Name == Queue).Scheduled;

    private Task<KreweHost> StartAsync(int partitions, int limit) =>
        KreweHost.StartAsync(Setup(options => options.Queues[Queue] = new QueueOptions { Partitions = partitions, MaxQueueLength = limit }));
}

public sealed class QueueLimitOnSqliteTests : QueueLimitTests
{
    private protected override KreweSetup Setup(Action<KreweOptions> options) => new() { IsOnDisk = false, Krewe = krewe => krewe.AddJob<EchoTextHandler>(), Options = options };
}

public sealed class QueueLimitOnRedisTests(RedisFixture redis) : QueueLimitTests, IClassFixture<RedisFixture>
{
    private protected override KreweSetup Setup(Action<KreweOptions> options) => new() { Redis = redis.Server, Krewe = krewe => krewe.AddJob<EchoTextHandler>(), Options = options };
}
