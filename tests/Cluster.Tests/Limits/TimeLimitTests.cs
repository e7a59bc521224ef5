using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.Limits;

/// <summary>Soft and hard limits of real handlers on a silo with one slot, so that a slot that is not freed shows.</summary>
public sealed class TimeLimitTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SoftLimit_WhenTheHandlerEndsByItsToken_FailsTheAttemptAndMayBeRetried()
    {
        await using var silo = await OneSlotAsync();
        var reasons = new List<CancellationReason>();
        var handle = await silo.Jobs.EnqueueAsync(
            silo.Setup.Scripts.Add(async (context, token) =>
            {
                if (context.Attempt == 2)
                {
                    return "second";
                }

                try
                {
                    await new Gate().PassAsync(token);
                    return "first";
                }
                catch (OperationCanceledException)
                {
                    reasons.Add(context.CancellationReason);
                    throw;
                }
            }),
            new EnqueueOptions { SoftTimeLimit = Short, Retry = RetryPolicy.Fixed(TimeSpan.Zero) },
            Cancellation);

        Assert.Equal("second", await handle.ResultAsync());
        var error = Assert.Single((await handle.InfoAsync()).Errors);
        Assert.Equal(("Krewe.JobTimeLimitException", "Soft time limit (0.2s) exceeded for test.scripted.", true), (error.Type, error.Message, error.IsRetryable));
        Assert.Equal([CancellationReason.SoftTimeLimit], reasons);
    }

    [Fact]
    public async Task SoftLimit_WhenTheHandlerReturnsAllTheSame_Succeeds()
    {
        await using var silo = await OneSlotAsync();
        var handle = await silo.Jobs.EnqueueAsync(
            silo.Setup.Scripts.Add(async (_, token) =>
            {
                var fired = new TaskCompletionSource();
                await using var registration = token.Register(fired.SetResult);
                await fired.Task;
                return "saved what was there";
            }),
            new EnqueueOptions { SoftTimeLimit = Short },
            Cancellation);

        Assert.Equal("saved what was there", await handle.ResultAsync());
    }

    [Fact]
    public async Task HardLimit_WhenTheHandlerIgnoresItsToken_FailsFreesTheSlotAndCountsTheZombie()
    {
        await using var silo = await OneSlotAsync();
        var stuck = new Gate();
        var handle = await silo.Jobs.EnqueueAsync(
            silo.Setup.Scripts.Add(async (_, _) =>
            {
                await stuck.PassAsync(CancellationToken.None);
                return "too late";
            }),
            new EnqueueOptions { TimeLimit = Short },
            Cancellation);

        var failed = await Assert.ThrowsAsync<JobFailedException>(handle.ResultAsync);
        Assert.Equal(("Krewe.JobTimeLimitException", "Hard time limit (0.2s) exceeded for test.scripted."), (failed.ErrorType, failed.ErrorMessage));
        var info = await handle.InfoAsync();
        Assert.Equal((JobState.Failed, 1, "Its error is not one to retry."), (info.State, info.Attempt, info.Reason));

        var next = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "the slot is free"), cancellationToken: Cancellation);
        Assert.Equal("the slot is free", await next.ResultAsync());
        var worker = Assert.Single(await silo.Jobs.Workers.ListAsync(Cancellation));
        Assert.Equal(1, worker.Zombies);

        var ended = new TaskCompletionSource();
        Zombies(silo).Ended += _ => ended.TrySetResult();
        stuck.Open();
        await ended.Task.WaitAsync(Some.Timeout, Cancellation);
        worker = Assert.Single(await silo.Jobs.Workers.ListAsync(Cancellation));
        Assert.Equal(0, worker.Zombies);
        Assert.Equal(JobState.Failed, (await handle.InfoAsync()).State);
    }

    [Fact]
    public async Task HardLimit_WhenTheJobAsksForRetries_IsRetriedBesideItsZombie()
    {
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Options = options => options.Jobs["test.scripted"] = new JobOptions { RetryOnHardLimit = true } });
        var stuck = new Gate();
        var handle = await silo.Jobs.EnqueueAsync(
            silo.Setup.Scripts.Add(async (context, _) =>
            {
                if (context.Attempt == 1)
                {
                    await stuck.PassAsync(CancellationToken.None);
                }

                return $"attempt {context.Attempt}";
            }),
            new EnqueueOptions { TimeLimit = Short, Retry = RetryPolicy.Fixed(TimeSpan.Zero) },
            Cancellation);

        Assert.Equal("attempt 2", await handle.ResultAsync());
        Assert.Equal("Krewe.JobTimeLimitException", Assert.Single((await handle.InfoAsync()).Errors).Type);
        stuck.Open();
    }

    [Fact]
    public async Task HardLimit_WhenThereAreTooManyZombies_NothingMoreIsClaimedUntilTheyEnd()
    {
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Options = options => options.MaxZombies = 0 });
        var stuck = new Gate();
        var handle = await silo.Jobs.EnqueueAsync(
            silo.Setup.Scripts.Add(async (_, _) =>
            {
                await stuck.PassAsync(CancellationToken.None);
                return "too late";
            }),
            new EnqueueOptions { TimeLimit = Short },
            Cancellation);
        await handle.EndAsync();
        await silo.Setup.Logs.Until("takes nothing until some end");

        // The owner promotes one of them and rings: by then a worker that takes jobs would have had the other for long. What was claimed for it as it came goes back.
        var waiting = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "after all"), cancellationToken: Cancellation);
        var promoted = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "after all"), new EnqueueOptions { Delay = Some.Moment }, Cancellation);
        await silo.Setup.Events.Until("job.promoted", promoted.Id);
        while ((await waiting.InfoAsync()).State == JobState.Running)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }

        Assert.Equal((JobState.Queued, JobState.Queued), ((await waiting.InfoAsync()).State, (await promoted.InfoAsync()).State));
        stuck.Open();

        Assert.Equal(("after all", "after all"), (await waiting.ResultAsync(), await promoted.ResultAsync()));
    }

    private static Task<KreweHost> OneSlotAsync() => KreweHost.StartAsync(new KreweSetup { Options = options => options.Concurrency = 1 });

    private static Execution.Zombies Zombies(KreweHost silo) => (Execution.Zombies)silo.Services.GetService(typeof(Execution.Zombies))!;
}
