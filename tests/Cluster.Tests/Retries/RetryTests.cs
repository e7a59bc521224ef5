using Krewe.Cluster.Tests.Fixtures;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.Retries;

/// <summary>When a failed attempt is tried again, how often, and what is kept of it.</summary>
public abstract class RetryTests(SharedKrewe krewe) : KreweTests(krewe)
{
    public static TheoryData<string, RetryPolicy, int> Policies => new()
    {
        { "fixed", RetryPolicy.Fixed(TimeSpan.FromMinutes(5)), 300 },
        { "linear", RetryPolicy.Linear(TimeSpan.FromMinutes(5), TimeSpan.FromHours(1)) with { Jitter = Jitter.None }, 600 },
        { "exponential", RetryPolicy.Exponential(TimeSpan.FromMinutes(4), TimeSpan.FromHours(1)) with { Jitter = Jitter.None }, 480 },
        { "capped", RetryPolicy.Exponential(TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(4)) with { Jitter = Jitter.None }, 240 },
        { "list", RetryPolicy.List(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(7)), 420 },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Retry_WhenTheSecondAttemptFailed_WaitsAsThePolicySays(string kind, RetryPolicy policy, int seconds)
    {
        var handle = await EnqueueAsync(context => throw context.Retry(context.Attempt == 1 ? TimeSpan.Zero : null), new EnqueueOptions { Retry = policy });

        var retried = await Events.Until("job.retried", handle.Id, count: 2);
        var info = await handle.InfoAsync();
        Assert.True(Math.Abs((info.DueAt!.Value - retried.At).TotalSeconds - seconds) < 25, $"{kind}: due {info.DueAt - retried.At} after the failure, expected {seconds} s.");
        await handle.CancelAsync(Cancellation);
    }

    [Fact]
    public async Task Retry_WhenJitterIsFull_StaysBelowThePolicysDelay()
    {
        var handle = await EnqueueAsync(_ => throw new IOException("Once."), new EnqueueOptions { Retry = RetryPolicy.Exponential(TimeSpan.FromHours(1), TimeSpan.FromHours(1)) });

        var retried = await Events.Until("job.retried", handle.Id);
        Assert.InRange((await handle.InfoAsync()).DueAt!.Value - retried.At, TimeSpan.FromSeconds(-30), TimeSpan.FromHours(1));
        await handle.CancelAsync(Cancellation);
    }

    [Fact]
    public async Task Retry_WhenTheHandlerAsksWithADelay_TakesThatDelay()
    {
        var handle = await EnqueueAsync(context => throw context.Retry(TimeSpan.FromMinutes(9), new IOException("Busy.")), new EnqueueOptions { Retry = AtOnce });

        var retried = await Events.Until("job.retried", handle.Id);
        var info = await handle.InfoAsync();
        Assert.InRange((info.DueAt!.Value - retried.At).TotalMinutes, 8.5, 9.5);
        Assert.Equal(("System.IO.IOException", "Busy.", true), (info.Errors[0].Type, info.Errors[0].Message, info.Errors[0].IsRetryable));
        await handle.CancelAsync(Cancellation);
    }

    [Theory]
    [InlineData("io", 3, "System.IO.IOException")]
    [InlineData("end", 3, "System.IO.EndOfStreamException")]
    [InlineData("missing", 1, "System.IO.FileNotFoundException")]
    [InlineData("other", 1, "System.InvalidOperationException")]
    public async Task Retry_WhenTypesAreNamed_HoldsForThemAndTheirKin(string kind, int attempts, string type)
    {
        var handle = await Jobs.EnqueueAsync(new Picky(kind), cancellationToken: Cancellation);

        var info = await handle.EndInfoAsync();
        Assert.Equal((JobState.Failed, attempts), (info.State, info.Attempt));
        Assert.All(info.Errors, error => Assert.Equal(type, error.Type));
        Assert.Equal(attempts, info.Errors.Count);
    }

    [Fact]
    public async Task Errors_WhenThereAreManyAttempts_AreTheLastTen()
    {
        var handle = await EnqueueAsync(context => throw new IOException($"Failure {context.Attempt}."), new EnqueueOptions { MaxRetries = 12, Retry = AtOnce });

        var info = await handle.EndInfoAsync();
        Assert.Equal(13, info.Attempt);
        Assert.Equal(Enumerable.Range(4, 10), info.Errors.Select(error => error.Attempt));
        Assert.Equal(Enumerable.Range(4, 10).Select(attempt => $"Failure {attempt}."), info.Errors.Select(error => error.Message));
    }

    [Fact]
    public async Task Retry_WhenMaxRetriesIsZero_IsNotMade()
    {
        var handle = await EnqueueAsync(_ => throw new IOException("Once."), new EnqueueOptions { MaxRetries = 0 });

        var info = await handle.EndInfoAsync();
        Assert.Equal((JobState.Failed, 1, "Its 0 retries are spent."), (info.State, info.Attempt, info.Reason));
    }

    [Fact]
    public async Task Fail_WhenTheHandlerThrowsIt_IsFinalAtOnce()
    {
        var handle = await EnqueueAsync(context => throw context.Fail("The card is stolen.", new IOException("Refused.")));

        var failed = await Assert.ThrowsAsync<JobFailedException>(handle.ResultAsync);
        var info = await handle.InfoAsync();
        Assert.Equal((JobState.Failed, 1, "Its error is not one to retry."), (info.State, info.Attempt, info.Reason));
        Assert.Equal(("System.IO.IOException", "The card is stolen."), (failed.ErrorType, failed.ErrorMessage));
    }

    [Fact]
    public async Task Snooze_WhenRepeated_SpendsNoAttemptAndKeepsNoError()
    {
        var runs = 0;
        var handle = await EnqueueAsync(context => Interlocked.Increment(ref runs) <= 5 ? throw context.Snooze(TimeSpan.Zero) : $"attempt {context.Attempt}", new EnqueueOptions { MaxRetries = 0 });

        Assert.Equal("attempt 1", await handle.ResultAsync());
        Assert.Empty((await handle.InfoAsync()).Errors);
        Assert.Equal(6, runs);
    }

    [Fact]
    public async Task Cancellation_WhenItIsTheHandlersOwn_IsAnOrdinaryFailure()
    {
        var handle = await EnqueueAsync(_ => throw new TaskCanceledException("The HTTP call timed out."), new EnqueueOptions { MaxRetries = 1, Retry = AtOnce });

        var info = await handle.EndInfoAsync();
        Assert.Equal((JobState.Failed, 2), (info.State, info.Attempt));
        Assert.Equal("System.Threading.Tasks.TaskCanceledException", info.Errors[1].Type);
    }

    [Fact]
    public async Task IdempotencyKey_WhenTheJobIsRetried_IsTheSame()
    {
        var keys = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var handle = await EnqueueAsync(
            context =>
            {
                keys.Enqueue(context.IdempotencyKey);
                return context.Attempt < 3 ? throw new IOException("Again.") : "done";
            },
            new EnqueueOptions { Retry = AtOnce });

        await handle.ResultAsync();
        Assert.Equal([handle.Id, handle.Id, handle.Id], keys);
    }
}

[Collection(SqliteGroup.Name)]
public sealed class RetryOnSqliteTests(SqliteKrewe krewe) : RetryTests(krewe);

[Collection(RedisGroup.Name)]
public sealed class RetryOnRedisTests(RedisKrewe krewe) : RetryTests(krewe);
