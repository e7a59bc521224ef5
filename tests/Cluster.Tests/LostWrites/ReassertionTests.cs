using Krewe.Dispatch;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.LostWrites;

/// <summary>Redis starts again without its last writes while handlers run: each runs on, once, and its result arrives.</summary>
public sealed class ReassertionTests : IAsyncLifetime
{
    private const string PutBack = "claims that the store had lost are put back";
    private const string Dropped = "was dropped";
    private const string OutcomesWait = "outcomes wait to be recorded";

    private RedisServer? _redis;
    private KreweHost? _silo;

    private RedisServer Redis => _redis!;

    private KreweHost Silo => _silo!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        _redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        _silo = await KreweHost.StartAsync(Setup());
    }

    public async ValueTask DisposeAsync()
    {
        await (_silo?.DisposeAsync() ?? default);
        await (_redis?.DisposeAsync() ?? default);
    }

    [Fact]
    public async Task Reassertion_WhenAClaimIsLost_TheJobIsRunningAgainAndEndsOnce()
    {
        var job = await GatedJob.StartAsync(Silo, new EnqueueOptions { Delivery = Krewe.Delivery.AtMostOnce }); // Such a job is added and claimed by two writes.

        await Redis.GoBackBeforeAsync("HSET", ":running", job.Id);

        Assert.Equal(JobState.Queued, await job.StateAsync());
        await Patiently.RunAnotherAsync(Silo);
        Assert.Equal(JobState.Running, await job.StateAsync());
        await job.PassesAsync();
        AssertPutBack(Silo);
    }

    [Fact]
    public async Task Reassertion_WhenAClaimIsLostAndTheHandlerEndsFirst_ItsOutcomeIsRecorded()
    {
        var job = await GatedJob.StartAsync(Silo, new EnqueueOptions { Delivery = Krewe.Delivery.AtMostOnce });

        await Redis.GoBackBeforeAsync("HSET", ":running", job.Id);

        await job.PassesAsync();
        AssertPutBack(Silo);
    }

    [Fact]
    public async Task Reassertion_WhenTheOutcomeWaitedForRedisAndItsClaimIsLost_IsRecordedOnce()
    {
        var job = await GatedJob.StartAsync(Silo);
        await Redis.KillAsync(Cancellation);
        job.Gate.Open();
        await Silo.Setup.Logs.Until(OutcomesWait);

        Redis.ForgetFrom(job.Id);
        await Redis.StartAgainAsync(Cancellation);

        await job.PassesAsync();
        AssertPutBack(Silo);
    }

    [Fact]
    public async Task Reassertion_WhenClaimAndAddAreLost_TheJobIsAddedAgain()
    {
        var job = await GatedJob.StartAsync(Silo, new EnqueueOptions { UniqueKey = "one" });

        await Redis.GoBackBeforeAsync(job.Id);

        Assert.StartsWith(":0", await Redis.SendAsync($"EXISTS {Silo.Setup.KeyPrefix}{{default/0}}:j:{job.Id}", Cancellation), StringComparison.Ordinal);
        Assert.Equal(JobState.Running, await job.StateAsync()); // Its owner knows better, and a wait that begins now is none for a job that is gone.
        var waiting = job.Handle.ResultAsync();
        await Patiently.RunAnotherAsync(Silo);
        Assert.StartsWith(":1", await Redis.SendAsync($"EXISTS {Silo.Setup.KeyPrefix}{{default/0}}:j:{job.Id}", Cancellation), StringComparison.Ordinal);
        var same = await Silo.Jobs.EnqueueAsync(job.Job, new EnqueueOptions { UniqueKey = "one" }, Cancellation);
        Assert.Equal((job.Handle.Id, true), (same.Id, same.IsExisting));
        await job.PassesAsync();
        Assert.Equal("passed", await waiting);
        AssertPutBack(Silo);
    }

    [Fact]
    public async Task Reassertion_WhenAClaimAndThePromotionAreLost_TheJobDoesNotRunWhenItIsDueAgain()
    {
        var job = await GatedJob.StartAsync(Silo, new EnqueueOptions { Delay = Some.Moment });

        await Redis.GoBackBeforeAsync("ZREM", ":due", job.Id);

        Assert.Equal(JobState.Scheduled, await job.StateAsync());
        await Patiently.RunAnotherAsync(Silo);
        Assert.Equal(JobState.Running, await job.StateAsync());
        await job.PassesAsync();
        AssertPutBack(Silo);
    }

    [Fact]
    public async Task Reassertion_WhenTheStoreHasTheEarlierAttempt_TheLaterOneCountsWithItsErrors()
    {
        var job = await GatedJob.StartAsync(Silo, new EnqueueOptions { Retry = RetryPolicy.Fixed(TimeSpan.Zero) }, FailFirst);

        await Redis.GoBackBeforeAsync("HDEL", ":running", job.Id);

        Assert.Equal(JobState.Running, await job.StateAsync());
        await Patiently.RunAnotherAsync(Silo);
        await job.PassesAsync(runs: 2);
        var info = await job.Handle.InfoAsync();
        Assert.Equal((2, 1, 0), (info.Attempt, Assert.Single(info.Errors).Attempt, info.LostDeliveries));
        AssertPutBack(Silo);
    }

    [Fact]
    public async Task Reassertion_WhenTheStoreHasTheEarlierAttempt_NoRetryIsWonByIt()
    {
        var options = new EnqueueOptions { MaxRetries = 1, Retry = RetryPolicy.Fixed(TimeSpan.Zero) };
        var job = await GatedJob.StartAsync(Silo, options, FailFirst, static () => throw new IOException("The second one too."));

        await Redis.GoBackBeforeAsync("HDEL", ":running", job.Id);
        job.Gate.Open();

        Assert.Equal((JobState.Failed, 2), (await job.Handle.EndAsync(), job.Runs));
        AssertPutBack(Silo);
    }

    [Fact]
    public async Task Reassertion_WhenARedriveAndItsClaimAreLost_TheJobIsRedrivenAgain()
    {
        var gate = new Gate();
        var scripted = Silo.Setup.Scripts.Add(async (_, token) =>
        {
            gate.Arrive();
            await (gate.ArrivedCount == 1 ? throw new IOException("It dies once.") : gate.PassAsync(token));
            return "passed";
        });
        var job = new GatedJob(Silo, scripted, await Silo.Jobs.EnqueueAsync(scripted, new EnqueueOptions { MaxRetries = 0 }, Cancellation), gate);
        Assert.Equal(JobState.Failed, await job.Handle.EndAsync());
        await job.Handle.RedriveAsync(Cancellation);
        await gate.ArrivedAsync(3);

        await Redis.GoBackBeforeAsync("ZREM", ":dead", job.Id);

        Assert.Equal(JobState.Failed, await job.StateAsync());
        await Patiently.RunAnotherAsync(Silo);
        Assert.Equal(JobState.Running, await job.StateAsync());
        await job.PassesAsync(runs: 2);
        AssertPutBack(Silo);
    }

    [Fact]
    public async Task Reassertion_WhenAnotherSiloRunsWhatTheStoreHasParked_ItRunsOnThere()
    {
        var blind = Setup(name: "blind", handles: false);
        await using var owner = await KreweHost.StartAsync(blind);
        var gate = new Gate();
        var scripted = blind.Scripts.Add(async (_, token) =>
        {
            await gate.PassAsync(token);
            return "passed";
        });
        var job = new GatedJob(owner, scripted, await owner.Jobs.EnqueueAsync(scripted, cancellationToken: Cancellation), gate);
        await blind.Events.Until("job.parked", job.Handle.Id);
        await using var worker = await KreweHost.StartAsync(Setup(name: "worker", like: blind));
        await gate.ArrivedAsync();

        await Redis.GoBackBeforeAsync("HDEL", ":parked", job.Id);

        Assert.Equal(JobState.Queued, await job.StateAsync());
        await Patiently.RunAnotherAsync(worker);
        Assert.Equal((JobState.Running, "worker"), (await job.StateAsync(), (await job.Handle.InfoAsync()).Worker));
        await job.PassesAsync();
        AssertPutBack(owner);
    }

    [Fact]
    public async Task Upkeep_WhenTheOutcomeOfAnIdlePartitionIsLost_TheJobRunsAgainWithoutAnybodysHelp()
    {
        var job = await RanAsync();

        await Redis.GoBackBeforeAsync("HDEL", ":running", job.Id);
        await Patiently.AskAsync(async () =>
        {
            await Silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IDispatchGrain>("default~0").PingAsync(); // As each silo does every 30 seconds.
            return true;
        });

        await job.Gate.ArrivedAsync();
        Assert.Equal(("passed", 2), (await job.Handle.ResultAsync(), job.Runs));
    }

    [Fact]
    public async Task Reassertion_WhenAnOutcomeWasRecordedAndItsAnswerLost_NothingIsPutBackAndTheWaitIsAnswered()
    {
        await using var way = TcpProxy.To(Redis);
        await using var silo = await KreweHost.StartAsync(Setup(way.ConnectionString));
        var job = await GatedJob.StartAsync(silo);
        var waiting = job.Handle.ResultAsync();
        var lost = way.LoseAnswerTo("\"passed\"");

        job.Gate.Open();
        await lost.WaitAsync(Some.Timeout, TimeProvider.System, Cancellation);

        Assert.Equal("passed", await waiting);
        await job.PassesAsync();
        Assert.DoesNotContain(silo.Setup.Logs.All, line => line.Contains(PutBack, StringComparison.Ordinal) || line.Contains(Dropped, StringComparison.Ordinal));
    }

    private static void FailFirst(JobContext context)
    {
        if (context.Attempt == 1)
        {
            throw new IOException("The first attempt fails.");
        }
    }

    /// <summary>A job that has ended; its gate is open.</summary>
    private async Task<GatedJob> RanAsync()
    {
        var job = await GatedJob.StartAsync(Silo);
        await job.PassesAsync();
        return job;
    }

    private static void AssertPutBack(KreweHost silo)
    {
        Assert.Contains(silo.Setup.Logs.All, line => line.Contains(PutBack, StringComparison.Ordinal));
        Assert.DoesNotContain(silo.Setup.Logs.All, line => line.Contains(Dropped, StringComparison.Ordinal));
    }

    private KreweSetup Setup(string? connection = null, string name = "silo", bool handles = true, KreweSetup? like = null)
    {
        like ??= new KreweSetup();
        return new KreweSetup
        {
            Name = name,
            Redis = Redis,
            RedisConnection = connection,
            ClusterId = like.ClusterId,
            Scripts = like.Scripts,
            Events = like.Events,
            Logs = like.Logs,
            HandlesScripted = handles,
            Options = options => options.Partitions = 1,
        };
    }
}
