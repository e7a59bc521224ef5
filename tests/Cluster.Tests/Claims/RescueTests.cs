using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Claims;

/// <summary>Liveness, not time, decides: the claims of dead silos are void, those of live ones stay, and crash loops end.</summary>
public abstract class RescueTests : OwnerTests
{
    [Fact]
    public async Task Rescue_WhenTheSiloDied_SendsTheJobRoundAgainAtItsOldPlace()
    {
        var (first, second) = (await EnqueueAsync(), await EnqueueAsync());
        Assert.Equal(first.Id, Assert.Single(await ClaimAsync(Dead(1))).JobId);

        await Owner.PingAsync();

        Assert.Equal((JobState.Queued, 1), ((await first.InfoAsync()).State, (await first.InfoAsync()).LostDeliveries));
        Assert.Contains("job.rescued", await Silo.Setup.Events.StoryUntil("job.rescued", first.Id));
        var claims = await ClaimAsync(Dead(2), max: 2);
        Assert.Equal([first.Id, second.Id], claims.Select(claim => claim.JobId));
        Assert.All(claims, claim => Assert.Equal((1, false), (claim.Attempt, claim.Claim.IsSuspect)));
    }

    [Fact]
    public async Task Rescue_WhenTheSiloLives_LeavesItsClaimAlone()
    {
        var handle = await EnqueueAsync();
        var claim = Assert.Single(await ClaimAsync(Here));

        await Owner.PingAsync();
        await StealAsync();
        await ReopenAsync();
        await Owner.PingAsync();

        Assert.Equal((JobState.Running, 0), ((await handle.InfoAsync()).State, (await handle.InfoAsync()).LostDeliveries));
        Assert.Equal([OutcomeAnswer.Recorded], await Owner.FinishAsync([Outcome(claim, OutcomeKind.Succeeded, "\"done\"")]));
        Assert.Equal("done", await handle.ResultAsync());
    }

    [Fact]
    public async Task Rescue_WhenANewOwnerFindsTheClaim_SendsTheJobRoundAgain()
    {
        var handle = await EnqueueAsync();
        await ClaimAsync(Dead(1));

        await StealAsync();
        await ReopenAsync();

        Assert.Equal(handle.Id, Assert.Single(await ClaimAsync(Here)).JobId);
    }

    [Fact]
    public async Task Finish_WhenItsClaimWasVoided_IsFenced()
    {
        var handle = await EnqueueAsync();
        var late = Assert.Single(await ClaimAsync(Dead(1)));
        await Owner.PingAsync();
        var claim = Assert.Single(await ClaimAsync(Here));

        Assert.Equal([OutcomeAnswer.Fenced], await Owner.FinishAsync([Outcome(late, OutcomeKind.Succeeded, "\"late\"")]));

        Assert.Equal([OutcomeAnswer.Recorded], await Owner.FinishAsync([Outcome(claim, OutcomeKind.Succeeded, "\"right\"")]));
        Assert.Equal("right", await handle.ResultAsync());
    }

    [Fact]
    public async Task Rescue_WhenACancelWasAskedFor_EndsInCancelled()
    {
        var handle = await EnqueueAsync();
        await ClaimAsync(Dead(1));
        Assert.True(await handle.CancelAsync(Cancellation));

        await Owner.PingAsync();

        Assert.Equal(JobState.Cancelled, await handle.EndAsync());
    }

    [Fact]
    public async Task Rescue_WhenTheJobIsDeliveredAtMostOnce_IsADeadLetter()
    {
        var handle = await EnqueueAsync(new EnqueueOptions { Delivery = Krewe.Delivery.AtMostOnce });
        await ClaimAsync(Dead(1));

        await Owner.PingAsync();

        var lost = await Assert.ThrowsAsync<JobFailedException>(handle.ResultAsync);
        Assert.Equal(("Krewe.WorkerLost", "The silo that ran it died, and it is delivered at most once."), (lost.ErrorType, lost.ErrorMessage));
        Assert.Empty(await ClaimAsync(Here));
    }

    [Fact]
    public async Task Rescue_WhenTheSiloSaidThatItLeaves_ChargesNothing()
    {
        var handle = await EnqueueAsync();
        var claim = Assert.Single(await ClaimAsync(Dead(1)));
        await Owner.LeaveAsync([claim.Record.Id], [claim.Token]);

        await Owner.PingAsync();

        Assert.Equal((JobState.Queued, 0), ((await handle.InfoAsync()).State, (await handle.InfoAsync()).LostDeliveries));
    }

    [Fact]
    public async Task Suspects_WhenTheyLostTwoSilos_RunOneAtATimeAndTheCulpritBecomesADeadLetter()
    {
        var (handles, suspect) = await LoseTwoSilosAsync();
        await Owner.PingAsync();

        var culprit = handles.Single(handle => handle.Id == suspect.JobId);
        await AssertBuriedAsync(culprit);
        var other = handles.Single(handle => handle.Id != suspect.JobId);
        Assert.Equal((JobState.Queued, 0), ((await other.InfoAsync()).State, (await other.InfoAsync()).LostDeliveries));

        Assert.True(await culprit.RedriveAsync(Cancellation));
        Assert.Equal((JobState.Queued, 0), ((await culprit.InfoAsync()).State, (await culprit.InfoAsync()).LostDeliveries));
    }

    [Fact]
    public async Task Rescue_WhenTheOwnerBeforeClearedTheLossesOfTheCulpritAndDied_BuriesItAllTheSame()
    {
        var (handles, suspect) = await LoseTwoSilosAsync();
        await Silo.Services.GetRequiredService<ClearedLosses>().AddAsync([Dead(1), Dead(2), Dead(3)]);

        await Owner.PingAsync();

        await AssertBuriedAsync(handles.Single(handle => handle.Id == suspect.JobId));
    }

    private protected Task<PartitionLease> StealAsync() => Silo.Services.GetRequiredService<IJobStore>().OpenPartitionAsync(new PartitionKey("default", 0));

    /// <summary>Makes the partition be opened anew: its owner's next commit is refused, and the caller asks again.</summary>
    private protected Task ReopenAsync() => EnqueueAsync(new EnqueueOptions { Delay = TimeSpan.FromHours(1) });

    /// <summary>Two jobs that were lost with two silos, and the claim of the one that ran on the third as its suspect.</summary>
    private async Task<(JobHandle<string>[] Handles, ClaimedJob Suspect)> LoseTwoSilosAsync()
    {
        var handles = new[] { await EnqueueAsync(), await EnqueueAsync() };
        for (var generation = 1; generation <= 2; generation++)
        {
            Assert.Equal(2, (await ClaimAsync(Dead(generation), max: 2)).Length);
            await Owner.PingAsync();
        }

        Assert.Empty((await Owner.ClaimAsync(Request(Dead(3)) with { CanTakeSuspect = false })).Claims);
        var suspect = Assert.Single(await ClaimAsync(Dead(3), max: 2));
        Assert.True(suspect.Claim.IsSuspect);
        return (handles, suspect);
    }

    private static async Task AssertBuriedAsync(JobHandle<string> culprit)
    {
        var lost = await Assert.ThrowsAsync<JobFailedException>(culprit.ResultAsync);
        Assert.Equal(("Krewe.WorkerLost", "Its handler's silo died 3 times, at last while it ran as that silo's one suspect."), (lost.ErrorType, lost.ErrorMessage));
        Assert.Equal((JobState.Failed, 3), ((await culprit.InfoAsync()).State, (await culprit.InfoAsync()).LostDeliveries));
    }
}

public sealed class RescueOnSqliteTests : RescueTests
{
    private protected override Task<RedisServer?> RedisAsync() => Task.FromResult<RedisServer?>(null);
}

public sealed class RescueOnRedisTests(RedisFixture redis) : RescueTests, IClassFixture<RedisFixture>
{
    [Fact]
    public async Task Rescue_WhenTheClaimIsOfAnotherCluster_ReportsItAndTakesNothing()
    {
        var handle = await EnqueueAsync();
        var (store, lease) = (Silo.Services.GetRequiredService<IJobStore>(), await StealAsync());
        var record = (await store.FindAsync(lease.Key, [handle.Id[(handle.Id.LastIndexOf('~') + 1)..]]))[0]!.Record!;
        var claim = new JobClaim { Token = "1-00000000000000ff", Silo = Dead(1), ClusterId = "another", MembershipVersion = 1, WorkerName = "elsewhere" };
        await store.CommitAsync(lease, [JobTransitions.Claim(record, claim)]);

        await ReopenAsync();
        await Owner.PingAsync();

        await Silo.Setup.Logs.Until("holds a claim of another cluster, another");
        Assert.Equal((JobState.Running, "elsewhere"), ((await handle.InfoAsync()).State, (await handle.InfoAsync()).Worker));
    }

    private protected override Task<RedisServer?> RedisAsync() => Task.FromResult<RedisServer?>(redis.Server);
}
