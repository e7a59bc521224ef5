using Krewe.Cluster.Tests.Fixtures;
using Krewe.Cluster.Tests.Jobs;
using Krewe.Testing;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.Results;

/// <summary>What is kept of a job that ended, for how long, and how it reads.</summary>
public abstract class ResultTests(SharedKrewe krewe) : KreweTests(krewe)
{
    [Fact]
    public async Task Result_WhenTheJobHasNone_IsDefault()
    {
        var handle = await Jobs.EnqueueAsync(new WriteDiary("Dear diary"), cancellationToken: Cancellation);

        Assert.Equal(JobState.Succeeded, await handle.EndAsync());
        Assert.Null(await handle.GetResultAsync<string?>(Some.Timeout, Cancellation));
    }

    [Fact]
    public async Task Result_WhenItIsLarge_ComesWhole()
    {
        var text = new string('x', 200_000);

        var handle = await EnqueueAsync(_ => text);

        Assert.Equal(text, await handle.ResultAsync());
        Assert.Equal(text, await Jobs.GetHandle<string>(handle.Id).ResultAsync());
    }

    [Fact]
    public async Task Result_WhenItsTimeToLiveIsZero_IsGoneButTheJobIsKnown()
    {
        var handle = await EnqueueAsync(_ => "short-lived", new EnqueueOptions { ResultTtl = TimeSpan.Zero });

        Assert.Equal(JobState.Succeeded, await handle.EndAsync());
        var gone = await Assert.ThrowsAsync<ResultGoneException>(() => Jobs.GetHandle<string>(handle.Id).ResultAsync());
        Assert.True(gone.IsKnown);
        Assert.Equal(JobState.Succeeded, (await handle.InfoAsync()).State);
    }

    [Fact]
    public async Task Result_WhenItsTimeToLiveHasPassed_IsGoneButTheJobIsKnown()
    {
        var ttl = TimeSpan.FromSeconds(3);
        var (handle, gate) = await RunAtGateAsync(new EnqueueOptions { ResultTtl = ttl });
        var wait = handle.ResultAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => Jobs.GetHandle(handle.Id).WaitAsync(TimeSpan.FromMilliseconds(50), Cancellation)); // By now both are subscribed.

        gate.Open();

        Assert.Equal("passed", await wait);
        await UntilAsync((await handle.InfoAsync()).FinishedAt!.Value + ttl);
        Assert.True((await Assert.ThrowsAsync<ResultGoneException>(Jobs.GetHandle<string>(handle.Id).ResultAsync)).IsKnown);
        Assert.Equal(JobState.Succeeded, (await handle.InfoAsync()).State);
    }

    [Fact]
    public async Task Result_WhenItIsIgnored_IsDefaultAndNothingIsKept()
    {
        var handle = await Jobs.EnqueueAsync(new Silent(), cancellationToken: Cancellation);

        Assert.Null(await handle.ResultAsync());
        Assert.Null(await Jobs.GetHandle<string>(handle.Id).ResultAsync());
        Assert.Equal(JobState.Succeeded, (await handle.InfoAsync()).State);
    }

    [Fact]
    public async Task Result_WhenAnIgnoredJobFails_KeepsTheError()
    {
        var handle = await EnqueueAsync(_ => throw new IOException("All the same."), new EnqueueOptions { IgnoreResult = true, MaxRetries = 0 });

        Assert.Equal("All the same.", (await Assert.ThrowsAsync<JobFailedException>(handle.ResultAsync)).ErrorMessage);
    }

    [Fact]
    public async Task Forget_WhenTheJobIsFinal_RemovesItsResult()
    {
        var handle = await EnqueueAsync(_ => "secret");
        await handle.EndAsync();

        Assert.True(await handle.ForgetAsync(Cancellation));

        Assert.True((await Assert.ThrowsAsync<ResultGoneException>(handle.ResultAsync)).IsKnown);
        Assert.True(await handle.ForgetAsync(Cancellation)); // As a call would find it whose first answer was lost.
    }

    [Fact]
    public async Task Forget_WhenTheJobIsNotFinal_IsRefused()
    {
        var (handle, gate) = await RunAtGateAsync();

        Assert.False(await handle.ForgetAsync(Cancellation));
        gate.Open();
        Assert.Equal("passed", await handle.ResultAsync());
    }

    [Fact]
    public async Task Result_WhenItIsAskedAsAnotherType_SaysSo()
    {
        var handle = await Jobs.EnqueueAsync(new EchoText("not a number"), cancellationToken: Cancellation);
        await handle.EndAsync();

        var wrong = await Assert.ThrowsAsync<ResultTypeException>(() => handle.GetResultAsync<int>(Some.Timeout, Cancellation));
        Assert.Contains("System.Int32", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Result_WhenItCannotBeWritten_FailsWithoutARetry()
    {
        var handle = await Jobs.EnqueueAsync(new BrokenResult(), cancellationToken: Cancellation);

        var info = await handle.EndInfoAsync();
        Assert.Equal((JobState.Failed, 1, "Its error is not one to retry."), (info.State, info.Attempt, info.Reason));
    }

    [Fact]
    public async Task Result_WhenItIsOverTheLimit_FailsWithoutARetry()
    {
        var handle = await EnqueueAsync(_ => new string('x', 1024 * 1024));

        var failed = await Assert.ThrowsAsync<JobFailedException>(handle.ResultAsync);
        Assert.Equal("Krewe.PayloadTooLargeException", failed.ErrorType);
        Assert.Equal(1, (await handle.InfoAsync()).Attempt);
    }
}

[Collection(SqliteGroup.Name)]
public sealed class ResultOnSqliteTests(SqliteKrewe krewe) : ResultTests(krewe);

[Collection(RedisGroup.Name)]
public sealed class ResultOnRedisTests(RedisKrewe krewe) : ResultTests(krewe);
