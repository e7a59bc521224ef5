using Krewe.Cluster.Tests.Jobs;
using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Hosting;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Claims;

/// <summary>The owner of a partition, with the test in the place of its worker: answers get lost, outcomes are told twice, silos die under handlers.</summary>
public abstract class ClaimTests : IAsyncLifetime
{
    private const string Name = "sample.echo";
    private KreweHost? _silo;
    private long _sequence;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected KreweHost Silo => _silo ?? throw new InvalidOperationException("Expected a started silo.");

    private IDispatchGrain Owner => OwnerOf("default");

    private protected string Here => Silo.Services.GetRequiredService<SiloIdentity>().Address;

    public async ValueTask InitializeAsync() => _silo = await KreweHost.StartAsync(new KreweSetup
    {
        Redis = await RedisAsync(),
        Options = options => (options.Partitions, options.ConsumedQueues) = (1, new Dictionary<string, int> { ["low"] = 1 }),
    });

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Claim_WhenTheWorkerIsNotKnown_AsksForItsIntroductionFirst()
    {
        await EnqueueAsync();

        var answer = await Owner.ClaimAsync(Request(Here) with { Handlers = null, Held = null });

        Assert.True(answer.IsIntroductionNeeded);
        Assert.Empty(answer.Claims);
    }

    [Fact]
    public async Task Claim_WhenItsAnswerWasLost_IsOfferedAgainUnderTheSameToken()
    {
        var handle = await EnqueueAsync();
        var lost = Assert.Single((await Owner.ClaimAsync(Request(Here))).Claims);

        var again = Assert.Single((await Owner.ClaimAsync(Request(Here))).Claims);
        var held = (await Owner.ClaimAsync(Request(Here, again.Token))).Claims;

        Assert.Equal(handle.Id, lost.JobId);
        Assert.Equal((lost.JobId, lost.Token), (again.JobId, again.Token));
        Assert.Empty(held);
        Assert.Equal((JobState.Running, 0), ((await handle.InfoAsync()).State, (await handle.InfoAsync()).LostDeliveries));
    }

    [Fact]
    public async Task Finish_WhenItIsToldTwice_IsRecordedOnce()
    {
        var handle = await EnqueueAsync();
        var claim = Assert.Single((await Owner.ClaimAsync(Request(Here))).Claims);
        var outcome = Succeeded(claim, "\"first\"");

        Assert.Equal([OutcomeAnswer.Recorded], await Owner.FinishAsync([outcome]));
        Assert.Equal([OutcomeAnswer.Recorded], await Owner.FinishAsync([outcome with { Result = "\"second\""u8.ToArray() }]));

        Assert.Equal("first", await handle.ResultAsync());
    }

    [Fact]
    public async Task Finish_WhenTheTokenIsAnothers_IsFencedAndDropped()
    {
        var handle = await EnqueueAsync();
        var claim = Assert.Single((await Owner.ClaimAsync(Request(Here))).Claims);

        Assert.Equal([OutcomeAnswer.Fenced], await Owner.FinishAsync([Succeeded(claim, "\"late\"") with { Token = "1-0000000000000bad" }]));

        Assert.Equal(JobState.Running, (await handle.InfoAsync()).State);
        Assert.Equal([OutcomeAnswer.Recorded], await Owner.FinishAsync([Succeeded(claim, "\"right\"")]));
        Assert.Equal("right", await handle.ResultAsync());
    }

    [Fact]
    public async Task Claim_WhenOnlyJobsOfOthersWereInTheWay_SaysThatItIsWorthAskingAgain()
    {
        for (var number = 0; number < 10; number++)
        {
            await Silo.Jobs.EnqueueAsync("nobody.handles_it", Some.Json("{}"), cancellationToken: Cancellation);
        }

        var handle = await EnqueueAsync();
        var answer = await Owner.ClaimAsync(Request(Here));
        for (var calls = 1; answer.Claims.Length == 0; calls++)
        {
            Assert.True(answer.HasMore, $"Call {calls} sent the worker to sleep in front of a job for it.");
            answer = await Owner.ClaimAsync(Request(Here));
        }

        Assert.Equal(handle.Id, answer.Claims[0].JobId);
    }

    [Fact]
    public async Task Redrive_WhenTheWindowStillHasTheJobOfBefore_GoesByTheNewOne()
    {
        var handle = await Silo.Jobs.EnqueueAsync(new EchoText("again"), new EnqueueOptions { ExpiresIn = Some.Moment }, Cancellation);
        await Owner.ClaimAsync(Request(Here) with { Max = 0 });
        await Silo.Setup.Events.Until("job.expired", handle.Id);

        Assert.True(await handle.RedriveAsync(Cancellation));

        Assert.Equal(handle.Id, Assert.Single((await Owner.ClaimAsync(Request(Here))).Claims).JobId);
    }

    [Fact]
    public async Task Cancel_WhenTheClaimHasNotArrived_TravelsWithIt()
    {
        var handle = await EnqueueAsync();
        await Owner.ClaimAsync(Request(Here));
        Assert.True(await handle.CancelAsync(Cancellation));

        var answer = await Owner.ClaimAsync(Request(Here));
        var taken = Assert.Single(Silo.Services.GetRequiredService<HandOver>().TakeIn(answer));

        Assert.Equal((handle.Id, CancellationReason.Cancelled), (taken.Job.JobId, taken.Control.Reason));
        Silo.Services.GetRequiredService<HeldClaims>().Remove(taken.Job.Token); // The silo itself does not serve the queue.
    }

    private protected abstract Task<RedisServer?> RedisAsync();

    private protected IDispatchGrain OwnerOf(string queue) => Silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IDispatchGrain>($"{queue}~0");

    private protected Task<JobHandle<string>> EnqueueAsync(string queue = "default") => Silo.Jobs.EnqueueAsync(new EchoText(Some.Key()), new EnqueueOptions { Queue = queue }, Cancellation);

    private protected ClaimRequest Request(string silo, params string[] held) => new()
    {
        Silo = silo, WorkerName = "by hand", Max = 1, Sequence = ++_sequence, Held = held, Handlers = [Name], CanTakeSuspect = true,
    };

    private protected Task<ClaimAnswer> ClaimAsync(ClaimRequest request) => Owner.ClaimAsync(request);

    private protected Task PingAsync() => Owner.PingAsync();

    private static AttemptOutcome Succeeded(ClaimedJob claim, string json) => new()
    {
        Id = claim.Record.Id, Token = claim.Token, Kind = OutcomeKind.Succeeded, Result = System.Text.Encoding.UTF8.GetBytes(json), EndedAt = claim.Claim.ClaimedAt,
    };
}

/// <summary>On a file only this process's claims are good, so claims in the name of others are those of processes that died.</summary>
public sealed class ClaimOnSqliteTests : ClaimTests
{
    private const string Dead = "127.0.0.1:1@1";

    [Fact]
    public async Task Rescue_WhenTheSiloDied_SendsTheJobRoundAgainAtItsOldPlace()
    {
        var (first, second) = (await EnqueueAsync(), await EnqueueAsync());
        Assert.Equal(first.Id, Assert.Single((await ClaimAsync(Request(Dead))).Claims).JobId);

        await PingAsync();

        Assert.Equal((JobState.Queued, 1), ((await first.InfoAsync()).State, (await first.InfoAsync()).LostDeliveries));
        var claims = (await ClaimAsync(Request("127.0.0.1:1@2") with { Max = 2 })).Claims;
        Assert.Equal([first.Id, second.Id], claims.Select(claim => claim.JobId));
    }

    [Fact]
    public async Task Suspects_WhenTheyLostTwoSilos_RunOneAtATimeAndTheCulpritBecomesADeadLetter()
    {
        var handles = new[] { await EnqueueAsync(), await EnqueueAsync() };
        for (var generation = 1; generation <= 2; generation++)
        {
            Assert.Equal(2, (await ClaimAsync(Request($"127.0.0.1:1@{generation}") with { Max = 2 })).Claims.Length);
            await PingAsync();
        }

        Assert.Empty((await ClaimAsync(Request("127.0.0.1:1@3") with { CanTakeSuspect = false })).Claims);
        Assert.True((await ClaimAsync(Request("127.0.0.1:1@3") with { CanTakeSuspect = false })).HasSuspect);
        var suspect = Assert.Single((await ClaimAsync(Request("127.0.0.1:1@3") with { Max = 2 })).Claims);
        Assert.True(suspect.Claim.IsSuspect);
        await PingAsync();

        var culprit = handles.Single(handle => handle.Id == suspect.JobId);
        var lost = await Assert.ThrowsAsync<JobFailedException>(culprit.ResultAsync);
        Assert.Equal(("Krewe.WorkerLost", "Its handler's silo died 3 times, at last while it ran as that silo's one suspect."), (lost.ErrorType, lost.ErrorMessage));
        var other = handles.Single(handle => handle.Id != suspect.JobId);
        Assert.Equal((JobState.Queued, 0), ((await other.InfoAsync()).State, (await other.InfoAsync()).LostDeliveries));
    }

    [Fact]
    public async Task Suspects_WhenOneIsClaimedForTheSiloThatItDoesNotKnow_ComeAfterIt()
    {
        await EnqueueAsync();
        await EnqueueAsync();
        for (var generation = 1; generation <= 2; generation++)
        {
            Assert.Equal(2, (await ClaimAsync(Request($"127.0.0.1:1@{generation}") with { Max = 2 })).Claims.Length);
            await PingAsync();
        }

        var lost = Assert.Single((await ClaimAsync(Request(Here))).Claims);
        var answer = await ClaimAsync(Request(Here) with { Held = null, Handlers = null, Epoch = 1 });
        Assert.True(answer.IsIntroductionNeeded);
        Assert.Empty(answer.Claims);

        Assert.Equal(lost.Token, Assert.Single((await ClaimAsync(Request(Here))).Claims).Token);
    }

    [Fact]
    public async Task Suspects_WhenTheCulpritIsFound_AreClearedWhereverTheyLie()
    {
        var (culprit, retried, elsewhere, later) = (await EnqueueAsync(), await EnqueueAsync(), await EnqueueAsync("critical"), await EnqueueAsync("critical"));
        foreach (var generation in new[] { 1, 2 })
        {
            foreach (var queue in new[] { "default", "critical" })
            {
                Assert.Equal(2, (await OwnerOf(queue).ClaimAsync(Request($"127.0.0.1:1@{generation}") with { Max = 2 })).Claims.Length);
                await OwnerOf(queue).PingAsync();
            }
        }

        // One of them runs as the suspect of a live silo and waits for its retry; another is claimed by a silo that dies without it.
        Assert.Equal(culprit.Id, Assert.Single((await ClaimAsync(Request("127.0.0.1:1@3"))).Claims).JobId);
        var claim = Assert.Single((await ClaimAsync(Request(Here))).Claims);
        Assert.Equal((retried.Id, true), (claim.JobId, claim.Claim.IsSuspect));
        await OwnerOf("default").FinishAsync([new AttemptOutcome { Id = claim.Record.Id, Token = claim.Token, Kind = OutcomeKind.Retry, Delay = TimeSpan.FromHours(1), EndedAt = claim.Claim.ClaimedAt }]);
        Assert.Equal((JobState.Retrying, 2), ((await retried.InfoAsync()).State, (await retried.InfoAsync()).LostDeliveries));
        await PingAsync();

        Assert.Equal(JobState.Failed, await culprit.EndAsync());
        foreach (var innocent in new[] { retried, elsewhere, later })
        {
            Assert.Equal(0, (await innocent.InfoAsync()).LostDeliveries);
        }

        var claims = (await OwnerOf("critical").ClaimAsync(Request(Here) with { Max = 2, CanTakeSuspect = false })).Claims;
        Assert.Equal([elsewhere.Id, later.Id], claims.Select(claim => claim.JobId));
        Assert.DoesNotContain(claims, claim => claim.Claim.IsSuspect);
    }

    private protected override Task<RedisServer?> RedisAsync() => Task.FromResult<RedisServer?>(null);
}

public sealed class ClaimOnRedisTests(RedisFixture redis) : ClaimTests, IClassFixture<RedisFixture>
{
    private protected override Task<RedisServer?> RedisAsync() => Task.FromResult<RedisServer?>(redis.Server);
}
