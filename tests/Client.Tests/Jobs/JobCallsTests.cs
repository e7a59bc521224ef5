using Krewe.Client.Tests.Fakes;
using Krewe.Jobs;
using Xunit;

namespace Krewe.Client.Tests.Jobs;

public sealed class JobCallsTests
{
    private readonly FakeCluster _cluster = new();
    private readonly FakeQueue _queue;
    private readonly JobClient _client;

    public JobCallsTests() => (_queue, _client) = (_cluster.Queue(), _cluster.Client());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetResultAsync_WhenTheJobSucceeded_ReadsItsResult()
    {
        _queue.Ending = id => _queue.Ended(id, JobState.Succeeded, """{"number":"n-1","amount":7,"more":true}""");

        Assert.Equal(new Receipt("n-1", 7), await _client.GetHandle<Receipt>("default~0~a").GetResultAsync(cancellationToken: Cancellation));
    }

    [Fact]
    public async Task GetResultAsync_WhenTheResultIsLarge_ReadsItFromTheOwner()
    {
        _queue.Ending = id => _queue.Ended(id) with { IsResultElsewhere = true };
        _queue.FullEnding = id => _queue.Ended(id, JobState.Succeeded, "\"large\"");

        Assert.Equal("large", await _client.GetHandle<string>("default~0~a").GetResultAsync(cancellationToken: Cancellation));
    }

    [Fact]
    public async Task GetResultAsync_WhenThereIsNone_IsDefault()
    {
        _queue.Ending = id => _queue.Ended(id);

        Assert.Equal(0, await _client.GetHandle<int>("default~0~a").GetResultAsync(cancellationToken: Cancellation));
        Assert.Null(await _client.GetHandle<Receipt>("default~0~a").GetResultAsync(cancellationToken: Cancellation));
    }

    [Fact]
    public async Task GetResultAsync_WhenTheResultHasAnotherType_NamesTheTypeThatWasAsked()
    {
        _queue.Ending = id => _queue.Ended(id, JobState.Succeeded, "\"text\"");

        var exception = await Assert.ThrowsAsync<ResultTypeException>(() => _client.GetHandle<int>("default~0~a").GetResultAsync(cancellationToken: Cancellation));

        Assert.StartsWith("The result of 'default~0~a' does not read as System.Int32: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResultAsync_WhenTheJobDidNotSucceed_ThrowsWhatBecameOfIt()
    {
        var error = new JobError(2, "Shop.CardRefused", "no money", "at Shop", DateTimeOffset.UnixEpoch, true);
        _queue.Ending = id => id switch
        {
            "failed" => _queue.Ended(id, JobState.Failed) with { Error = error },
            "cancelled" => _queue.Ended(id, JobState.Cancelled) with { Reason = "not wanted" },
            "expired" => _queue.Ended(id, JobState.Expired),
            "gone" => _queue.Ended(id) with { IsResultGone = true },
            _ => new JobEnding { JobId = id, IsKnown = false },
        };

        var failed = await Assert.ThrowsAsync<JobFailedException>(() => Result("failed"));
        Assert.Equal(("Shop.CardRefused", "no money", "at Shop"), (failed.ErrorType, failed.ErrorMessage, failed.ErrorStack));
        Assert.Equal("not wanted", (await Assert.ThrowsAsync<JobCancelledException>(() => Result("cancelled"))).Reason);
        await Assert.ThrowsAsync<JobExpiredException>(() => Result("expired"));
        Assert.True((await Assert.ThrowsAsync<ResultGoneException>(() => Result("gone"))).IsKnown);
        Assert.False((await Assert.ThrowsAsync<ResultGoneException>(() => Result("unknown"))).IsKnown);
    }

    [Theory]
    [InlineData("nowhere~0~a")]
    [InlineData("default~7~a")]
    public async Task Handle_WhenItsQueueOrPartitionDoesNotExist_IsAnUnknownJob(string jobId)
    {
        var handle = _client.GetHandle(jobId);

        Assert.Null(await handle.GetInfoAsync(Cancellation));
        Assert.False(await handle.CancelAsync(Cancellation));
        Assert.False((await Assert.ThrowsAsync<ResultGoneException>(() => handle.WaitAsync(cancellationToken: Cancellation))).IsKnown);
    }

    [Fact]
    public async Task CancelAsync_WhenThePartitionMoves_IsRepeated()
    {
        var time = new ArmedTime();
        var calls = 0;
        _queue.OnCancel = _ => ++calls == 1 ? Task.FromException<bool>(new TimeoutException()) : Task.FromResult(true);

        var cancel = _cluster.Client(time).GetHandle("default~0~a").CancelAsync(Cancellation);
        await time.PassAsync(TimeSpan.FromMilliseconds(50));

        Assert.True(await cancel);
    }

    private Task<Receipt> Result(string id) => _client.GetHandle<Receipt>($"default~0~{id}").GetResultAsync(cancellationToken: Cancellation);
}
