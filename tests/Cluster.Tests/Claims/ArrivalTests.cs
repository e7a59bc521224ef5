using Krewe.Cluster.Tests.Jobs;
using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Hosting;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Claims;

/// <summary>New jobs that are claimed for a waiting worker as they are added: whoever comes for them, or nobody does.</summary>
public abstract class ArrivalTests : OwnerTests
{
    [Fact]
    public async Task Enqueue_WhenAWorkerWaits_ClaimsTheJobForItBeforeItAsks()
    {
        await WaitAsync(Here);
        var handle = await EnqueueAsync();

        Assert.Equal(["job.queued", "job.claimed"], await Silo.Setup.Events.StoryUntil("job.claimed", handle.Id));
        var claim = Assert.Single(await ClaimAsync(Here));
        Assert.Equal((handle.Id, 1, "by hand"), (claim.JobId, claim.Attempt, claim.Claim.WorkerName));
        Assert.Equal([OutcomeAnswer.Recorded], await Owner.FinishAsync([Outcome(claim, OutcomeKind.Succeeded, "\"done\"")]));
        Assert.Equal("done", await handle.ResultAsync());
    }

    [Fact]
    public async Task Recall_WhenNobodyComes_OffersTheJobToAllAndChargesNothing()
    {
        await WaitAsync(Dead(1));
        var (first, second) = (await EnqueueAsync(), await EnqueueAsync());

        Assert.Equal(["job.queued", "job.claimed", "job.released"], await Silo.Setup.Events.StoryUntil("job.released", first.Id));
        await Silo.Setup.Events.Until("job.queued", second.Id);
        Assert.Equal([first.Id, second.Id], (await ClaimAsync(Here, max: 2)).Select(claim => claim.JobId));
        Assert.Equal(0, (await first.InfoAsync()).LostDeliveries);
    }

    [Fact]
    public async Task Recall_WhenTheWorkerHasNoSlotForIt_OffersTheJobToAllAtOnce()
    {
        await WaitAsync(Dead(1), spare: 2);
        var handles = await Silo.Jobs.EnqueueManyAsync([new EchoText("one"), new EchoText("two")], cancellationToken: Cancellation);
        await Silo.Setup.Events.Until("job.claimed", handles[1].Id);

        var taken = Assert.Single(await ClaimAsync(Dead(1)));
        var left = handles.Single(handle => handle.Id != taken.JobId);
        await Silo.Setup.Events.Until("job.released", left.Id);
        Assert.Equal(left.Id, Assert.Single(await ClaimAsync(Here, max: 2)).JobId);
    }

    [Fact]
    public async Task Rescue_WhenTheSiloDiedBeforeItCame_ChargesNothing()
    {
        await WaitAsync(Dead(1));
        var handle = await EnqueueAsync();

        await Owner.PingAsync();

        await Silo.Setup.Events.Until("job.released", handle.Id);
        Assert.Equal((JobState.Queued, 0), ((await handle.InfoAsync()).State, (await handle.InfoAsync()).LostDeliveries));
    }

    [Fact]
    public async Task Cancel_WhenTheWorkerHasNotCome_EndsTheJobAndItIsNotHandedOut()
    {
        await WaitAsync(Here);
        var handle = await EnqueueAsync();

        Assert.True(await handle.CancelAsync(Cancellation));

        Assert.Equal(JobState.Cancelled, (await handle.InfoAsync()).State);
        Assert.Empty(await ClaimAsync(Here));
    }

    [Fact]
    public async Task Open_WhenTheOwnerWasLostBeforeTheWorkerCame_OffersTheClaimAgain()
    {
        await WaitAsync(Here);
        var handle = await EnqueueAsync();
        await Silo.Services.GetRequiredService<IJobStore>().OpenPartitionAsync(new PartitionKey("default", 0));
        await EnqueueAsync(new EnqueueOptions { Delay = TimeSpan.FromHours(1) });

        var claim = Assert.Single(await ClaimAsync(Here, max: 2));

        Assert.Equal((handle.Id, 1), (claim.JobId, claim.Attempt));
        Assert.Equal([OutcomeAnswer.Recorded], await Owner.FinishAsync([Outcome(claim, OutcomeKind.Succeeded, "\"done\"")]));
        Assert.Equal("done", await handle.ResultAsync());
    }

    [Theory]
    [InlineData(Krewe.Delivery.AtMostOnce, null)]
    [InlineData(null, 3600)]
    public async Task Enqueue_WhenTheJobIsNotPlain_LeavesItToTheWorkersCall(Krewe.Delivery? delivery, int? expiresInSeconds)
    {
        await WaitAsync(Here);
        var handle = await EnqueueAsync(new EnqueueOptions { Delivery = delivery, ExpiresIn = expiresInSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null });

        Assert.Equal(JobState.Queued, (await handle.InfoAsync()).State);
        Assert.Equal(handle.Id, Assert.Single(await ClaimAsync(Here)).JobId);
    }

    /// <summary>The worker asks, is told that nothing waits, and has room for more.</summary>
    private async Task WaitAsync(string silo, int spare = 1) => Assert.Empty((await Owner.ClaimAsync(Request(silo) with { Spare = spare })).Claims);
}

public sealed class ArrivalOnSqliteTests : ArrivalTests
{
    private protected override Task<RedisServer?> RedisAsync() => Task.FromResult<RedisServer?>(null);
}

public sealed class ArrivalOnRedisTests(RedisFixture redis) : ArrivalTests, IClassFixture<RedisFixture>
{
    private protected override Task<RedisServer?> RedisAsync() => Task.FromResult<RedisServer?>(redis.Server);
}

/// <summary>A worker whose slots are all taken.</summary>
public sealed class FullWorkerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Introduce_WhenAClaimNeverArrivedAndNoSlotIsFree_HandsItBack()
    {
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Options = options => (options.Partitions, options.Concurrency) = (1, 1) });
        var gate = new Gate();
        var blocker = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(async (_, cancellation) =>
        {
            await gate.PassAsync(cancellation);
            return "";
        }), null, Cancellation);
        await gate.ArrivedAsync();
        var waiting = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "ran"), null, Cancellation);

        // The claim is made, and its owner dies before the worker hears of it.
        var (store, key) = (silo.Services.GetRequiredService<IJobStore>(), new PartitionKey("default", 0));
        var lease = await store.OpenPartitionAsync(key);
        var record = (await store.FindAsync(key, [waiting.Id[(waiting.Id.LastIndexOf('~') + 1)..]]))[0]!.Record!;
        var claim = new JobClaim { Token = "1-00000000000000ff", Silo = silo.Services.GetRequiredService<SiloIdentity>().Address, ClusterId = "krewe", WorkerName = "silo" };
        Assert.Equal(StepResult.Taken, (await store.CommitAsync(lease, [JobTransitions.Claim(record, claim)]))[0].Result);
        await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "later"), new EnqueueOptions { Delay = TimeSpan.FromHours(1) }, Cancellation);

        await silo.Setup.Events.Until("job.released", waiting.Id);
        Assert.Equal(1, gate.ArrivedCount);
        gate.Open();
        Assert.Equal((JobState.Succeeded, JobState.Succeeded), (await blocker.EndAsync(), await waiting.EndAsync()));
    }
}
