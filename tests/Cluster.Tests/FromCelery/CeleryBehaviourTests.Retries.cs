using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.FromCelery;

public sealed partial class CeleryBehaviourTests
{
    [Fact]
    public async Task Retry_WhenTheJobWaitsForIt_ErrorsNameTheOriginalException()
    {
        var handle = await EnqueueAsync(_ => throw new IOException("The disk is away."), new EnqueueOptions { Retry = RetryPolicy.Fixed(TimeSpan.FromHours(1)) });

        await Events.Until("job.retried", handle.Id);
        var info = await handle.InfoAsync();
        Assert.Equal(JobState.Retrying, info.State);
        Assert.Equal(("System.IO.IOException", "The disk is away."), (info.Errors[0].Type, info.Errors[0].Message));
        await handle.CancelAsync(Cancellation);
    }

    [Fact]
    public async Task Retry_WhenRetriesAreSpent_FailsWithTheOriginalError()
    {
        var handle = await EnqueueAsync(context => throw new IOException($"Failure {context.Attempt}."), new EnqueueOptions { MaxRetries = 2, Retry = AtOnce });

        var failed = await Assert.ThrowsAsync<JobFailedException>(handle.ResultAsync);
        Assert.Equal(("System.IO.IOException", "Failure 3."), (failed.ErrorType, failed.ErrorMessage));
        await Events.Until("job.retried", handle.Id, count: 2);
        Assert.Equal(3, (await handle.InfoAsync()).Attempt);
    }

    [Fact]
    public async Task Retry_WhenALaterAttemptReturns_Succeeds()
    {
        var handle = await EnqueueAsync(context => context.Attempt < 3 ? throw new IOException("Not yet.") : "at last", new EnqueueOptions { Retry = AtOnce });

        Assert.Equal("at last", await handle.ResultAsync());
        Assert.Equal(JobState.Retrying, (await Events.Until("job.retried", handle.Id)).State);
    }

    [Fact]
    public async Task Retry_WhenOneAttemptFailed_TheNextIsAttemptTwo()
    {
        var handle = await EnqueueAsync(context => context.Attempt == 1 ? throw new IOException("Once.") : $"attempt {context.Attempt}", new EnqueueOptions { Retry = AtOnce });

        Assert.Equal("attempt 2", await handle.ResultAsync());
    }

    [Fact]
    public async Task Retry_WhenTheJobHasAnExpiry_KeepsIt()
    {
        var handle = await EnqueueAsync(_ => throw new IOException("Once."), new EnqueueOptions { Retry = RetryPolicy.Fixed(TimeSpan.FromHours(1)), ExpiresIn = TimeSpan.FromSeconds(5) });
        await Events.Until("job.retried", handle.Id);
        var info = await handle.InfoAsync();
        Assert.Equal(TimeSpan.FromSeconds(5), info.ExpiresAt - info.EnqueuedAt);

        Assert.Equal(JobState.Expired, await handle.EndAsync());
    }

    [Fact]
    public async Task Retry_WhenTheJobHasAPriority_KeepsIt()
    {
        var handle = await EnqueueAsync(context => context.Attempt == 1 ? throw new IOException("Once.") : "done", new EnqueueOptions { Retry = AtOnce, Priority = 8 });

        await handle.ResultAsync();
        Assert.Equal(8, (await handle.InfoAsync()).Priority);
    }

    [Fact]
    public async Task Retry_WhenTheJobHasHeaders_KeepsThem()
    {
        var handle = await EnqueueAsync(
            context => context.Attempt == 1 ? throw new IOException("Once.") : context.Headers["tenant"],
            new EnqueueOptions { Retry = AtOnce, Headers = new Dictionary<string, string> { ["tenant"] = "blue" } });

        Assert.Equal("blue", await handle.ResultAsync());
    }

    [Fact]
    public async Task Retry_WhenMaxRetriesIsOne_RunsTwiceAndSucceeds()
    {
        var handle = await Jobs.EnqueueAsync(new Flaky(Failures: 1), cancellationToken: Cancellation);

        Assert.Equal(2, await handle.ResultAsync());
    }

    [Fact]
    public async Task Limits_WhenTheCallSetsThem_HandlerSeesThem()
    {
        var handle = await EnqueueAsync(
            context => $"{context.SoftTimeLimit?.TotalSeconds} {context.TimeLimit?.TotalSeconds}",
            new EnqueueOptions { SoftTimeLimit = TimeSpan.FromSeconds(11), TimeLimit = TimeSpan.FromSeconds(22) });

        Assert.Equal("11 22", await handle.ResultAsync());
    }

    [Fact]
    public async Task Limits_WhenNoneIsSet_HandlerSeesNone()
    {
        var handle = await EnqueueAsync(context => $"{context.SoftTimeLimit is null} {context.TimeLimit is null}");

        Assert.Equal("True True", await handle.ResultAsync());
    }

    [Fact]
    public async Task Limits_WhenDeclaredAndSetByTheCall_TheCallWins()
    {
        var declared = await Jobs.EnqueueAsync(new Limited(), cancellationToken: Cancellation);
        var longer = await Jobs.EnqueueAsync(new Limited(), new EnqueueOptions { TimeLimit = TimeSpan.FromSeconds(50) }, Cancellation);
        var clipped = await Jobs.EnqueueAsync(new Limited(), new EnqueueOptions { TimeLimit = TimeSpan.FromSeconds(10) }, Cancellation);

        Assert.Equal("20 40", await declared.ResultAsync());
        Assert.Equal("20 50", await longer.ResultAsync());
        Assert.Equal("10 10", await clipped.ResultAsync());
    }

    [Fact]
    public async Task Limits_WhenSoftIsAboveHard_EnqueueIsRefused()
    {
        var options = new EnqueueOptions { SoftTimeLimit = TimeSpan.FromSeconds(3), TimeLimit = TimeSpan.FromSeconds(2) };

        var refused = await Assert.ThrowsAsync<InvalidJobException>(() => Jobs.EnqueueAsync(new Limited(), options, Cancellation));
        Assert.StartsWith("SoftTimeLimit must be at most TimeLimit", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SoftLimit_WhenPassed_FailsWithATimeLimitError()
    {
        var handle = await EnqueueAsync(
            async (_, token) =>
            {
                await new Gate().PassAsync(token);
                return "never";
            },
            new EnqueueOptions { SoftTimeLimit = Some.Moment, MaxRetries = 0 });

        var failed = await Assert.ThrowsAsync<JobFailedException>(handle.ResultAsync);
        Assert.Equal(("Krewe.JobTimeLimitException", "Soft time limit (0.3s) exceeded for test.scripted."), (failed.ErrorType, failed.ErrorMessage));
    }

    [Fact]
    public async Task HardLimit_WhenPassed_FailsAndFreesTheSlot()
    {
        var stuck = new Gate();
        var handle = await EnqueueAsync(
            async (_, _) =>
            {
                await stuck.PassAsync(CancellationToken.None);
                return "too late";
            },
            new EnqueueOptions { TimeLimit = Some.Moment });

        var failed = await Assert.ThrowsAsync<JobFailedException>(handle.ResultAsync);
        Assert.Equal("Hard time limit (0.3s) exceeded for test.scripted.", failed.ErrorMessage);
        Assert.DoesNotContain(handle.Id, Assert.Single(await Jobs.Workers.ListAsync(Cancellation)).RunningJobIds);
        stuck.Open();
    }
}
