using Krewe.Cluster.Tests.Fixtures;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.Cancel;

/// <summary>Cancel is durable: at once for what waits, by the handler's token for what runs.</summary>
public abstract class CancelTests(SharedKrewe krewe) : KreweTests(krewe)
{
    [Fact]
    public async Task Cancel_WhenTheJobIsDelayed_NeverRunsIt()
    {
        var job = Scripts.Add(_ => "never");
        var handle = await EnqueueAsync(job, new EnqueueOptions { Delay = TimeSpan.FromHours(1) });

        Assert.True(await handle.CancelAsync(Cancellation));

        var cancelled = await Assert.ThrowsAsync<JobCancelledException>(handle.ResultAsync);
        Assert.Equal("Cancelled by a caller.", cancelled.Reason);
        Assert.Equal((JobState.Cancelled, 0), ((await handle.InfoAsync()).State, Scripts.RunsOf(job)));
        Assert.True(await handle.CancelAsync(Cancellation));
    }

    [Fact]
    public async Task Cancel_WhenTheHandlerEndsByItsToken_IsCancelled()
    {
        var (handle, _) = await RunAtGateAsync();

        Assert.True(await handle.CancelAsync(Cancellation));

        Assert.Equal(JobState.Cancelled, await handle.EndAsync());
        var info = await handle.InfoAsync();
        Assert.Equal((JobState.Cancelled, "Cancelled by a caller."), (info.State, info.Reason));
        Assert.Equal(["job.queued", "job.claimed", "job.started", "job.cancelled"], await Events.StoryUntil("job.cancelled", handle.Id));
    }

    [Fact]
    public async Task Cancel_WhenTheHandlerReturnsAllTheSame_HasSucceeded()
    {
        var fired = new TaskCompletionSource();
        var started = new Gate();
        var handle = await EnqueueAsync(async (context, token) =>
        {
            await using var registration = token.Register(fired.SetResult);
            started.Arrive();
            await fired.Task;
            return $"{context.CancellationReason}";
        });
        await started.ArrivedAsync();

        Assert.True(await handle.CancelAsync(Cancellation));

        Assert.Equal("Cancelled", await handle.ResultAsync());
        Assert.Equal(JobState.Succeeded, (await handle.InfoAsync()).State);
    }

    [Fact]
    public async Task Cancel_WhenTheHandlerIgnoresItsToken_IsCancelledAfterTheGrace()
    {
        var stuck = new Gate();
        var handle = await EnqueueAsync(async (_, _) =>
        {
            await stuck.PassAsync(CancellationToken.None);
            return "too late";
        });
        await stuck.ArrivedAsync();

        Assert.True(await handle.CancelAsync(Cancellation));

        Assert.Equal(JobState.Cancelled, await handle.EndAsync());
        Assert.Equal("Its handler did not end within 3s of the cancel and was abandoned.", (await handle.InfoAsync()).Reason);
        stuck.Open();
    }

    [Fact]
    public async Task Cancel_WhenTheAttemptFailsAfterIt_EndsInCancelledRatherThanARetry()
    {
        var fired = new TaskCompletionSource();
        var started = new Gate();
        var job = Scripts.Add(async (_, token) =>
        {
            await using var registration = token.Register(fired.SetResult);
            started.Arrive();
            await fired.Task;
            throw new IOException("The connection broke.");
        });
        var handle = await EnqueueAsync(job, new EnqueueOptions { Retry = AtOnce });
        await started.ArrivedAsync();

        await handle.CancelAsync(Cancellation);

        Assert.Equal(JobState.Cancelled, await handle.EndAsync());
        Assert.Equal(1, Scripts.RunsOf(job));
    }

    [Fact]
    public async Task Cancel_WhenTheJobWaitsForARetry_IsOneStep()
    {
        var handle = await EnqueueAsync(_ => throw new IOException("Once."), new EnqueueOptions { Retry = RetryPolicy.Fixed(TimeSpan.FromHours(1)) });
        await Events.Until("job.retried", handle.Id);

        Assert.True(await handle.CancelAsync(Cancellation));

        Assert.Equal(JobState.Cancelled, (await handle.InfoAsync()).State);
        Assert.Single((await handle.InfoAsync()).Errors);
    }

    [Fact]
    public async Task Cancel_WhenTheHandlerThrowsIt_IsCancelledWithItsReason()
    {
        var handle = await EnqueueAsync(context => throw context.Cancel("The order was withdrawn."));

        var cancelled = await Assert.ThrowsAsync<JobCancelledException>(handle.ResultAsync);
        Assert.Equal("The order was withdrawn.", cancelled.Reason);
    }

    [Fact]
    public async Task Cancel_WhenTheJobIsFinal_IsRefused()
    {
        var handle = await EnqueueAsync(_ => "done");
        await handle.EndAsync();

        Assert.False(await handle.CancelAsync(Cancellation));
        Assert.Equal("done", await handle.ResultAsync());
    }

    [Fact]
    public async Task Redrive_WhenTheJobWasCancelled_RunsIt()
    {
        var handle = await EnqueueAsync(_ => "after all", new EnqueueOptions { Delay = TimeSpan.FromHours(1) });
        await handle.CancelAsync(Cancellation);

        Assert.True(await handle.RedriveAsync(Cancellation));

        await Events.Until("job.succeeded", handle.Id);
        Assert.Equal("after all", await handle.ResultAsync());
    }
}

[Collection(SqliteGroup.Name)]
public sealed class CancelOnSqliteTests(SqliteKrewe krewe) : CancelTests(krewe);

[Collection(RedisGroup.Name)]
public sealed class CancelOnRedisTests(RedisKrewe krewe) : CancelTests(krewe);
