using System.Collections.Concurrent;
using Krewe.Storage;
using Krewe.Testing;
using Krewe.Testing.Clocks;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Clocks;

/// <summary>The clock is set by an hour under a silo that works: instants follow it, what is measured does not, and nothing is lost or stuck.</summary>
public abstract class ClockTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan HalfAnHour = TimeSpan.FromMinutes(30);

    private readonly SetClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clock_WhenItIsSetBack_WhatRunsWaitsOrIsNewGoesOnAndWhatWasDueKeepsItsInstant()
    {
        await using var silo = await StartAsync(slots: 2);
        var (running, gate) = await RunAtGateAsync(silo);
        var waiting = running.ResultAsync();
        var due = await EnqueueAsync(silo, _ => "due", new EnqueueOptions { Delay = HalfAnHour });
        var dueAt = (await due.InfoAsync()).DueAt;

        _clock.Set(-Hour);

        var delayed = await EnqueueAsync(silo, _ => "delayed", new EnqueueOptions { Delay = Some.Moment });
        var retried = await EnqueueAsync(silo, context => context.Attempt == 1 ? throw new IOException("Once.") : "retried", new EnqueueOptions { Retry = RetryPolicy.Fixed(Some.Moment) });
        var expiring = await EnqueueAsync(silo, _ => "never", new EnqueueOptions { Delay = Hour, ExpiresIn = Some.Moment });
        Assert.Equal(("delayed", "retried", JobState.Expired), (await delayed.ResultAsync(), await retried.ResultAsync(), await expiring.EndAsync()));
        Assert.Equal("Krewe.JobTimeLimitException", (await Assert.ThrowsAsync<JobFailedException>((await EnqueueEndlessAsync(silo)).ResultAsync)).ErrorType);
        gate.Open();
        Assert.Equal("passed", await waiting);
        Assert.Equal((JobState.Scheduled, dueAt), ((await due.InfoAsync()).State, (await due.InfoAsync()).DueAt));

        _clock.Set(Hour + HalfAnHour);

        Assert.Equal("due", await due.ResultAsync());
    }

    [Fact]
    public async Task Clock_WhenItIsSetForward_WhatIsDueByThenRunsWhatExpiresByThenEndsAndWhatRunsGoesOn()
    {
        await using var silo = await StartAsync(slots: 1);
        var (running, gate) = await RunAtGateAsync(silo);
        var waiting = running.ResultAsync();
        var queued = await EnqueueAsync(silo, _ => "queued");
        var due = await EnqueueAsync(silo, _ => "due", new EnqueueOptions { Delay = HalfAnHour });
        var later = await EnqueueAsync(silo, _ => "never", new EnqueueOptions { Delay = 2 * Hour });
        var expiring = await EnqueueAsync(silo, _ => "never", new EnqueueOptions { ExpiresIn = HalfAnHour });

        _clock.Set(Hour);

        await silo.Setup.Events.Until("job.promoted", due.Id);
        Assert.Equal(JobState.Expired, await expiring.EndAsync());
        gate.Open();
        Assert.Equal(("passed", "queued", "due"), (await waiting, await queued.ResultAsync(), await due.ResultAsync()));
        Assert.Equal(["job.queued", "job.claimed", "job.started", "job.succeeded"], silo.Setup.Events.KindsOf(running.Id));
        Assert.Equal(JobState.Scheduled, (await later.InfoAsync()).State);
    }

    [Fact]
    public async Task Clock_WhenItIsSetForward_ResultsGoWithTheirTimeToLive()
    {
        await using var silo = await StartAsync(slots: 1);
        var handle = await EnqueueAsync(silo, _ => "short-lived", new EnqueueOptions { ResultTtl = HalfAnHour });
        Assert.Equal("short-lived", await handle.ResultAsync());

        _clock.Set(Hour);

        await Assert.ThrowsAsync<ResultGoneException>(handle.ResultAsync);
    }

    [Fact]
    public async Task Clock_WhenItIsSetBack_OrderAndIdsStayThoseOfTheEnqueues()
    {
        await using var silo = await StartAsync(slots: 1);
        var ran = new ConcurrentQueue<string>();
        var (_, gate) = await RunAtGateAsync(silo);
        var (job, options) = (silo.Setup.Scripts.Add(_ => Note("first")), new EnqueueOptions { Id = Some.Key("once") });
        var first = await silo.Jobs.EnqueueAsync(job, options, Cancellation);

        _clock.Set(-Hour);

        var second = await EnqueueAsync(silo, _ => Note("second"));
        Assert.True((await silo.Jobs.EnqueueAsync(job, options, Cancellation)).IsExisting);
        gate.Open();
        await Task.WhenAll(first.EndAsync(), second.EndAsync());
        Assert.Equal(["first", "second"], ran);

        string Note(string text)
        {
            ran.Enqueue(text);
            return text;
        }
    }

    [Fact]
    public async Task Clock_WhenAMonthHasPassed_NamesThatAreHandledAreStillDeclared()
    {
        await using var silo = await StartAsync(slots: 1);
        var store = silo.Services.GetRequiredService<IJobStore>();
        var month = TimeSpan.FromDays(30);

        _clock.Set(month + Hour);

        Assert.False(await store.IsNameDeclaredAsync("test.never", month));
        using var timeout = new CancellationTokenSource(Some.Timeout);
        while (!await store.IsNameDeclaredAsync("test.scripted", month))
        {
            timeout.Token.ThrowIfCancellationRequested();
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }

    private protected abstract Task<RedisServer?> RedisAsync();

    private async Task<KreweHost> StartAsync(int slots) => await KreweHost.StartAsync(new KreweSetup
    {
        Redis = await RedisAsync(),
        Options = options => (options.Concurrency, options.Partitions) = (slots, 1),
        Services = services => services.AddSingleton<TimeProvider>(_clock),
    });

    private static Task<JobHandle<string?>> EnqueueAsync(KreweHost silo, Func<JobContext, string?> body, EnqueueOptions? options = null) =>
        silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(body), options, Cancellation);

    /// <summary>A job that only its soft time limit ends.</summary>
    private static Task<JobHandle<string?>> EnqueueEndlessAsync(KreweHost silo) => silo.Jobs.EnqueueAsync(
        silo.Setup.Scripts.Add(async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return null;
        }),
        new EnqueueOptions { SoftTimeLimit = Some.Moment, MaxRetries = 0 },
        Cancellation);

    private static async Task<(JobHandle<string?> Handle, Gate Gate)> RunAtGateAsync(KreweHost silo)
    {
        var gate = new Gate();
        var handle = await silo.Jobs.EnqueueAsync(
            silo.Setup.Scripts.Add(async (_, token) =>
            {
                await gate.PassAsync(token);
                return "passed";
            }),
            cancellationToken: Cancellation);
        await gate.ArrivedAsync();
        return (handle, gate);
    }
}

public sealed class ClockOnSqliteTests : ClockTests
{
    private protected override Task<RedisServer?> RedisAsync() => Task.FromResult<RedisServer?>(null);
}

public sealed class ClockOnRedisTests(RedisFixture redis) : ClockTests, IClassFixture<RedisFixture>
{
    private protected override Task<RedisServer?> RedisAsync() => Task.FromResult<RedisServer?>(redis.Server);
}
