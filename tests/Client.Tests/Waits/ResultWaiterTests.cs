using Krewe.Client.Tests.Fakes;
using Krewe.Jobs;
using Krewe.Waits;
using Xunit;

namespace Krewe.Client.Tests.Waits;

public sealed class ResultWaiterTests
{
    private readonly ArmedTime _time = new();
    private readonly FakeCluster _cluster = new();
    private readonly FakeQueue _queue;
    private readonly JobClient _client;

    public ResultWaiterTests() => (_queue, _client) = (_cluster.Queue(), _cluster.Client(_time));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitAsync_WhenTheJobIsFinalAlready_EndsByTheAnswer()
    {
        _queue.Ending = id => _queue.Ended(id, JobState.Failed);

        Assert.Equal(JobState.Failed, await _client.GetHandle("default~0~a").WaitAsync(cancellationToken: Cancellation));
    }

    [Fact]
    public async Task WaitAsync_WhenTheOwnerTellsTheEnd_EndsByTheObserver()
    {
        var wait = _client.GetHandle("default~0~a").WaitAsync(cancellationToken: Cancellation);
        Assert.Equal(["a"], await _queue.Awaits.ReadAsync(Cancellation));

        await _queue.Observer!.OnEndedAsync([_queue.Ended("other"), _queue.Ended("a", JobState.Cancelled)]);

        Assert.Equal(JobState.Cancelled, await wait);
    }

    [Fact]
    public async Task WaitAsync_WhenTheTimerTicks_RenewsAndHearsFromTheNewOwner()
    {
        var wait = _client.GetHandle("default~0~a").WaitAsync(cancellationToken: Cancellation);
        await _queue.Awaits.ReadAsync(Cancellation);

        _queue.Ending = id => _queue.Ended(id);
        _time.Advance(ResultWaiter.RenewalInterval);

        Assert.Equal(JobState.Succeeded, await wait);
        Assert.Equal(["a"], await _queue.Awaits.ReadAsync(Cancellation));
    }

    [Fact]
    public async Task WaitAsync_WhenARenewalFails_IsTriedAgain()
    {
        var wait = _client.GetHandle("default~0~a").WaitAsync(cancellationToken: Cancellation);
        await _queue.Awaits.ReadAsync(Cancellation);

        var failures = new Queue<Exception>([new SiloUnavailableException(), new StoreUnavailableException("away")]);
        _queue.OnAwait = ids => failures.TryDequeue(out var failure) ? Task.FromException<JobEnding?[]>(failure) : Task.FromResult(Array.ConvertAll(ids, id => (JobEnding?)_queue.Ended(id)));
        _time.Advance(ResultWaiter.RenewalInterval);
        await _time.PassAsync(TimeSpan.FromMilliseconds(50));
        await _time.PassAsync(TimeSpan.FromMilliseconds(100));

        Assert.Equal(JobState.Succeeded, await wait);
    }

    [Fact]
    public async Task WaitAsync_WhenManyWait_AsksInCallsOfAtMost1000()
    {
        var gate = new TaskCompletionSource();
        _queue.OnAwait = async ids =>
        {
            await gate.Task;
            return Array.ConvertAll(ids, id => (JobEnding?)_queue.Ended(id));
        };
        var waits = Enumerable.Range(0, 2500).Select(index => _client.GetHandle($"default~0~{index}").WaitAsync(cancellationToken: Cancellation)).ToList();
        gate.SetResult();

        Assert.All(await Task.WhenAll(waits), state => Assert.Equal(JobState.Succeeded, state));
        var calls = new List<string[]>();
        while (_queue.Awaits.TryRead(out var ids))
        {
            calls.Add(ids);
        }

        Assert.Equal(2500, calls.Sum(ids => ids.Length));
        Assert.All(calls, ids => Assert.InRange(ids.Length, 1, 1000));
        Assert.InRange(calls.Count, 3, 6);
    }

    [Fact]
    public async Task WaitAsync_WhenTwoWaitForOneJob_AsksOnceAndTellsBoth()
    {
        var waits = new[] { _client.GetHandle("default~0~a").WaitAsync(cancellationToken: Cancellation), _client.GetHandle("default~0~a").WaitAsync(cancellationToken: Cancellation) };
        await _queue.Awaits.ReadAsync(Cancellation);

        await _queue.Observer!.OnEndedAsync([_queue.Ended("a")]);

        Assert.Equal([JobState.Succeeded, JobState.Succeeded], await Task.WhenAll(waits));
        Assert.False(_queue.Awaits.TryRead(out _));
    }

    [Fact]
    public async Task WaitAsync_WhenTheTimeIsOver_ThrowsAndTakesTheInterestBack()
    {
        var wait = _client.GetHandle("default~0~a").WaitAsync(TimeSpan.FromSeconds(3), Cancellation);
        await _queue.Awaits.ReadAsync(Cancellation);

        await _time.PassAsync(TimeSpan.FromSeconds(3));

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => wait);
        Assert.Equal("The job 'default~0~a' was not final within 00:00:03; it goes on. Wait longer, or read its state with GetInfoAsync.", exception.Message);
        Assert.Equal(["a"], await _queue.Unawaits.ReadAsync(Cancellation));
    }

    [Fact]
    public async Task WaitAsync_WhenTheCallerGivesUp_OnlyTheLastOneTakesTheInterestBack()
    {
        using var giveUp = new CancellationTokenSource();
        var other = _client.GetHandle("default~0~a").WaitAsync(cancellationToken: Cancellation);
        await _queue.Awaits.ReadAsync(Cancellation);
        var wait = _client.GetHandle("default~0~a").WaitAsync(cancellationToken: giveUp.Token);

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        await _queue.Observer!.OnEndedAsync([_queue.Ended("a")]);

        Assert.Equal(JobState.Succeeded, await other);
        Assert.False(_queue.Unawaits.TryRead(out _));
    }

    [Fact]
    public async Task WaitAsync_WhenTheTimeoutIsZero_ReadsOnceAndSubscribesToNothing()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => _client.GetHandle("default~0~a").WaitAsync(TimeSpan.Zero, Cancellation));
        _queue.Ending = id => _queue.Ended(id);

        Assert.Equal(JobState.Succeeded, await _client.GetHandle("default~0~a").WaitAsync(TimeSpan.Zero, Cancellation));
        Assert.False(_queue.Awaits.TryRead(out _));
    }

    [Fact]
    public async Task WaitAsync_WhenNothingCanMendTheCall_TellsTheCaller()
    {
        _queue.OnAwait = _ => Task.FromException<JobEnding?[]>(new NotSupportedException("broken"));

        Assert.Equal("broken", (await Assert.ThrowsAsync<NotSupportedException>(() => _client.GetHandle("default~0~a").WaitAsync(cancellationToken: Cancellation))).Message);
    }
}
