using Krewe.Client.Tests.Fakes;
using Krewe.Jobs;
using Krewe.Queues;
using Xunit;

namespace Krewe.Client.Tests.Queues;

public sealed class EnqueueBatcherTests
{
    private readonly ArmedTime _time = new();
    private readonly FakeQueue _queue = new("default~0");
    private readonly EnqueueBudget _budget = new(10 * 1024 * 1024);
    private readonly EnqueueBatcher _batcher;

    public EnqueueBatcherTests() => _batcher = new(new("default", 0), _queue, _budget, _time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddAsync_WhenALoneJobComes_GoesOutAtOnceAlone()
    {
        var answer = await _batcher.AddAsync(Job("a"));

        Assert.Equal(AddResult.Added, answer.Result);
        Assert.Equal(["a"], (await _queue.Adds.ReadAsync(Cancellation)).Select(job => job.Id));
    }

    [Fact]
    public async Task AddAsync_WhenACallIsInFlight_TravelsWithTheOthersInTheNext()
    {
        var gate = new TaskCompletionSource();
        _queue.OnAdd = async jobs =>
        {
            await gate.Task;
            return Array.ConvertAll(jobs, job => new AddAnswer(AddResult.Existing, "x" + job.Id));
        };
        var first = _batcher.AddAsync(Job("first"));
        Assert.Single(await _queue.Adds.ReadAsync(Cancellation));

        var others = Enumerable.Range(0, 20).Select(index => _batcher.AddAsync(Job($"{index}"))).ToList();
        gate.SetResult();

        Assert.Equal(Enumerable.Range(0, 20).Select(index => $"x{index}"), (await Task.WhenAll(others)).Select(answer => answer.ExistingId));
        Assert.Equal(20, (await _queue.Adds.ReadAsync(Cancellation)).Length);
        Assert.Equal("xfirst", (await first).ExistingId);
        Assert.False(_queue.Adds.TryRead(out _));
    }

    [Fact]
    public async Task AddAsync_WhenTwoCallsRunSideBySide_TheyLeaveInTheOrderOfTheirJobs()
    {
        for (var round = 0; round < 200; round++)
        {
            var ids = Enumerable.Range(0, 1_000).Select(index => $"{round}-{index}").ToList();

            await Task.WhenAll(ids.Select(id => _batcher.AddAsync(Job(id))));

            var sent = new List<string>();
            while (_queue.Adds.TryRead(out var jobs))
            {
                sent.AddRange(jobs.Select(job => job.Id));
            }

            Assert.Equal(ids, sent);
        }
    }

    [Fact]
    public async Task AddAsync_WhenThousandsComeAtOnce_SendsAtMost256PerCallAndTwoCallsAtATime()
    {
        var (inFlight, most) = (0, 0);
        _queue.OnAdd = async jobs =>
        {
            var now = Interlocked.Increment(ref inFlight);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref inFlight);
            return new AddAnswer[jobs.Length];
        };

        await Task.WhenAll(Enumerable.Range(0, 5000).Select(index => _batcher.AddAsync(Job($"{index}"))));

        var calls = new List<NewJob[]>();
        while (_queue.Adds.TryRead(out var call))
        {
            calls.Add(call);
        }

        Assert.Equal(5000, calls.SelectMany(call => call).Select(job => job.Id).Distinct().Count());
        Assert.All(calls, call => Assert.InRange(call.Length, 1, 256));
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task AddAsync_WhenJobsAreLarge_SendsAtMostOneMebibytePerCall()
    {
        var gate = new TaskCompletionSource();
        _queue.OnAdd = async jobs =>
        {
            await gate.Task;
            return new AddAnswer[jobs.Length];
        };
        var adds = new List<Task> { _batcher.AddAsync(Job("first")) };
        await _queue.Adds.ReadAsync(Cancellation);

        adds.AddRange(Enumerable.Range(0, 6).Select(index => _batcher.AddAsync(Job($"{index}", 400_000))));
        gate.SetResult();
        await Task.WhenAll(adds);

        Assert.Equal([2, 2, 2], new[] { await _queue.Adds.ReadAsync(Cancellation), await _queue.Adds.ReadAsync(Cancellation), await _queue.Adds.ReadAsync(Cancellation) }.Select(call => call.Length));
    }

    [Fact]
    public async Task AddAsync_WhenThePartitionMoves_RepeatsTheSameJobsWithGrowingDelays()
    {
        var failures = new Queue<Exception>([new SiloUnavailableException(), new InvalidOperationException("deactivating"), new TimeoutException()]);
        _queue.OnAdd = jobs => failures.TryDequeue(out var failure) ? Task.FromException<AddAnswer[]>(failure) : Task.FromResult(new AddAnswer[jobs.Length]);

        var added = _batcher.AddAsync(Job("a"));
        await _time.PassAsync(TimeSpan.FromMilliseconds(50));
        await _time.PassAsync(TimeSpan.FromMilliseconds(100));
        await _time.PassAsync(TimeSpan.FromMilliseconds(200));

        Assert.Equal(AddResult.Added, (await added).Result);
        var calls = new[] { await _queue.Adds.ReadAsync(Cancellation), await _queue.Adds.ReadAsync(Cancellation), await _queue.Adds.ReadAsync(Cancellation), await _queue.Adds.ReadAsync(Cancellation) };
        Assert.All(calls, call => Assert.Same(calls[0][0], Assert.Single(call)));
    }

    [Fact]
    public async Task AddAsync_WhenTheStoreIsAwayForFiveSeconds_SaysThatTheJobMayBeStoredAndUnderWhichId()
    {
        _queue.OnAdd = _ =>
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            return Task.FromException<AddAnswer[]>(new StoreUnavailableException("Redis did not answer within 5 seconds."));
        };

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => _batcher.AddAsync(Job("a")));

        Assert.Equal("Redis did not answer within 5 seconds. The job may have been stored as 'default~0~a'; enqueue it again with EnqueueOptions.Id 'a', which stores it once.", exception.Message);
        Assert.Equal(["default~0~a"], exception.MaybeStoredIds);
        Assert.Single(await _queue.Adds.ReadAsync(Cancellation));
        Assert.False(_queue.Adds.TryRead(out _));
    }

    [Fact]
    public async Task AddAsync_WhenTheMachineStoodStill_DoesNotTakeItForTheStoresFailure()
    {
        var calls = 0;
        _queue.OnAdd = jobs =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                _time.Advance(TimeSpan.FromSeconds(8)); // Longer than any store may take.
                return Task.FromException<AddAnswer[]>(new StoreUnavailableException("Redis did not answer in time."));
            }

            return Task.FromResult(new AddAnswer[jobs.Length]);
        };

        var added = _batcher.AddAsync(Job("a"));
        await _time.PassAsync(TimeSpan.FromMilliseconds(50));

        Assert.Equal(AddResult.Added, (await added).Result);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task AddAsync_WhenThePartitionsOwnerChanges_AsksTheNextOneHoweverLongThatTakes()
    {
        var calls = 0;
        _queue.OnAdd = jobs =>
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            return Interlocked.Increment(ref calls) <= 2
                ? Task.FromException<AddAnswer[]>(new StoreUnavailableException("The partition changed its owner.") { IsOfTheOwner = true })
                : Task.FromResult(new AddAnswer[jobs.Length]);
        };

        var added = _batcher.AddAsync(Job("a"));
        await _time.PassAsync(TimeSpan.FromMilliseconds(50));
        await _time.PassAsync(TimeSpan.FromMilliseconds(100));

        Assert.Equal(AddResult.Added, (await added).Result);
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task AddAsync_WhenItStandsStillAgainAndAgain_Fails()
    {
        _queue.OnAdd = _ =>
        {
            _time.Advance(TimeSpan.FromSeconds(8));
            return Task.FromException<AddAnswer[]>(new StoreUnavailableException("Redis did not answer in time."));
        };

        var added = _batcher.AddAsync(Job("a"));
        await _time.PassAsync(TimeSpan.FromMilliseconds(50));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => added);
    }

    [Fact]
    public async Task AddAsync_WhenTheStoreFailsOnceAndThenHangs_FailsWithinFiveSeconds()
    {
        var calls = 0;
        _queue.OnAdd = _ => Interlocked.Increment(ref calls) == 1 ? Task.FromException<AddAnswer[]>(new StoreUnavailableException("Redis went away.")) : new TaskCompletionSource<AddAnswer[]>().Task;

        var added = _batcher.AddAsync(Job("a"));
        await _time.PassAsync(TimeSpan.FromMilliseconds(50));
        await _time.PassAsync(TimeSpan.FromSeconds(4.85));

        Assert.Equal(["default~0~a"], (await Assert.ThrowsAsync<StoreUnavailableException>(() => added)).MaybeStoredIds);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task AddAsync_WhileACallFailsByTheStore_FailsWithItInsteadOfTakingAsLongAgain()
    {
        var hanging = new TaskCompletionSource<AddAnswer[]>();
        _queue.OnAdd = _ => hanging.Task;
        var first = _batcher.AddAsync(Job("first"));
        await _queue.Adds.ReadAsync(Cancellation);

        var waiting = _batcher.AddAsync(Job("waiting"));
        _time.Advance(RetriedCall.StoreBudget);
        hanging.SetException(new StoreUnavailableException("Redis did not answer."));

        Assert.Equal(["default~0~first"], (await Assert.ThrowsAsync<StoreUnavailableException>(() => first)).MaybeStoredIds);
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => waiting);
        Assert.Equal("Redis did not answer. Nothing was stored; enqueue the job again later.", refused.Message);
        Assert.Empty(refused.MaybeStoredIds);
        Assert.False(_queue.Adds.TryRead(out _));
        _queue.OnAdd = jobs => Task.FromResult(new AddAnswer[jobs.Length]);
        Assert.Equal(AddResult.Added, (await _batcher.AddAsync(Job("later"))).Result);
    }

    [Fact]
    public async Task AddManyAsync_WhenTheStoreFailsACall_DoesNotTryTheRest()
    {
        _queue.OnAdd = _ =>
        {
            _time.Advance(TimeSpan.FromSeconds(4));
            return Task.FromException<AddAnswer[]>(new StoreUnavailableException("Redis did not answer."));
        };

        var outcomes = await _batcher.AddManyAsync([.. Enumerable.Range(0, 600).Select(index => Job($"{index}"))], Cancellation);

        Assert.Equal(256, (await _queue.Adds.ReadAsync(Cancellation)).Length);
        Assert.False(_queue.Adds.TryRead(out _));
        Assert.Equal(600, outcomes.Length);
        Assert.Equal(256, outcomes.Count(outcome => Assert.IsType<StoreUnavailableException>(outcome.Error).MaybeStoredIds.Count == 1));
    }

    [Fact]
    public async Task AddManyAsync_WhenItsCallerGivesUp_SaysOfEachJobWhatIsKnown()
    {
        using var giveUp = new CancellationTokenSource();
        var calls = 0;
        _queue.OnAdd = jobs => calls++ == 0 ? Task.FromResult(new AddAnswer[jobs.Length]) : new TaskCompletionSource<AddAnswer[]>().Task;

        var adding = _batcher.AddManyAsync([.. Enumerable.Range(0, 600).Select(index => Job($"{index}"))], giveUp.Token);
        await _queue.Adds.ReadAsync(Cancellation);
        await _queue.Adds.ReadAsync(Cancellation);
        await giveUp.CancelAsync();
        var outcomes = await adding;

        Assert.Equal(600, outcomes.Length);
        Assert.All(outcomes[..256], outcome => Assert.Null(outcome.Error));
        Assert.All(outcomes[256..512], outcome => Assert.StartsWith("Gave up waiting. The job may have been stored as 'default~0~", Assert.IsType<OperationCanceledException>(outcome.Error).Message, StringComparison.Ordinal));
        Assert.All(outcomes[512..], outcome => Assert.Equal("Gave up waiting. Nothing was stored.", Assert.IsType<OperationCanceledException>(outcome.Error).Message));
    }

    [Fact]
    public async Task AddAsync_WhenEveryCallWasRejectedForAMinute_SaysThatNothingWasStored()
    {
        _queue.OnAdd = _ =>
        {
            _time.Advance(TimeSpan.FromSeconds(61));
            return Task.FromException<AddAnswer[]>(Rejections.New());
        };

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => _batcher.AddAsync(Job("a")));

        Assert.Equal("No silo answered within 60 seconds; check that silos run and are reachable. Nothing was stored; enqueue the job again later.", exception.Message);
        Assert.Empty(exception.MaybeStoredIds);
    }

    [Fact]
    public async Task AddAsync_WhenACallIsSilent_IsSentOnceMoreBesideIt()
    {
        var calls = 0;
        _queue.OnAdd = jobs => Interlocked.Increment(ref calls) == 1 ? new TaskCompletionSource<AddAnswer[]>().Task : Task.FromResult(new AddAnswer[jobs.Length]);

        var added = _batcher.AddAsync(Job("a"));
        await _time.PassAsync(AskedTwice.Silence);

        Assert.Equal(AddResult.Added, (await added).Result);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task AddAsync_WhenACallIsSlow_TakesItsAnswerThoughTheSecondHangs()
    {
        var (calls, slow) = (0, new TaskCompletionSource<AddAnswer[]>());
        _queue.OnAdd = _ => Interlocked.Increment(ref calls) == 1 ? slow.Task : new TaskCompletionSource<AddAnswer[]>().Task;

        var added = _batcher.AddAsync(Job("a"));
        await _time.PassAsync(AskedTwice.Silence);
        await _time.UntilArmedAsync(RetriedCall.AttemptTimeout - AskedTwice.Silence);
        slow.SetResult([new AddAnswer(AddResult.Existing, "default~0~a")]);

        Assert.Equal(AddResult.Existing, (await added).Result);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task AddAsync_WhenTheSecondCallFailsByTheStore_TakesTheAnswerOfTheFirst()
    {
        var (calls, slow) = (0, new TaskCompletionSource<AddAnswer[]>());
        _queue.OnAdd = _ => Interlocked.Increment(ref calls) == 1 ? slow.Task : Task.FromException<AddAnswer[]>(new StoreUnavailableException("As many are on their way as may."));

        var added = _batcher.AddAsync(Job("a"));
        await _time.PassAsync(AskedTwice.Silence);
        await _time.UntilArmedAsync(RetriedCall.StoreTimeout - AskedTwice.Silence);
        slow.SetResult(new AddAnswer[1]);

        Assert.Equal(AddResult.Added, (await added).Result);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task AddAsync_WhenTheSecondCallFailsByTheStoreAndTheFirstIsLost_FailsWithinFiveSeconds()
    {
        var calls = 0;
        _queue.OnAdd = _ => Interlocked.Increment(ref calls) == 1 ? new TaskCompletionSource<AddAnswer[]>().Task : Task.FromException<AddAnswer[]>(new StoreUnavailableException("Redis went away."));
        var started = _time.GetUtcNow();

        var added = _batcher.AddAsync(Job("a"));
        await _time.PassAsync(AskedTwice.Silence);
        await _time.PassAsync(RetriedCall.StoreTimeout - AskedTwice.Silence);

        Assert.Equal(["default~0~a"], (await Assert.ThrowsAsync<StoreUnavailableException>(() => added)).MaybeStoredIds);
        Assert.Equal(RetriedCall.StoreTimeout, _time.GetUtcNow() - started);
    }

    [Fact]
    public async Task AddAsync_WhenBothCallsHang_IsRepeatedAfterTenSeconds()
    {
        var calls = 0;
        _queue.OnAdd = jobs => Interlocked.Increment(ref calls) <= 2 ? new TaskCompletionSource<AddAnswer[]>().Task : Task.FromResult(new AddAnswer[jobs.Length]);

        var added = _batcher.AddAsync(Job("a"));
        await _time.PassAsync(AskedTwice.Silence);
        await _time.PassAsync(RetriedCall.AttemptTimeout - AskedTwice.Silence);
        await _time.PassAsync(TimeSpan.FromMilliseconds(50));

        Assert.Equal(AddResult.Added, (await added).Result);
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task AddAsync_WhenTheOwnerRefuses_IsNotRepeated()
    {
        _queue.OnAdd = _ => Task.FromException<AddAnswer[]>(new UnknownQueueException("default"));

        await Assert.ThrowsAsync<UnknownQueueException>(() => _batcher.AddAsync(Job("a")));

        Assert.Single(await _queue.Adds.ReadAsync(Cancellation));
        Assert.False(_queue.Adds.TryRead(out _));
    }

    [Fact]
    public async Task AddAsync_WhenTooMuchWaits_IsRefusedUntilSomeHasGone()
    {
        var gate = new TaskCompletionSource();
        _queue.OnAdd = async jobs =>
        {
            await gate.Task;
            return Array.ConvertAll(jobs, _ => new AddAnswer(AddResult.Added, null));
        };
        var waiting = new List<Task<AddAnswer>>();
        while (waiting.LastOrDefault() is not { IsFaulted: true })
        {
            waiting.Add(_batcher.AddAsync(Job($"{waiting.Count}", (1024 * 1024) - 256)));
        }

        Assert.Equal(11, waiting.Count);
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => waiting[^1]);
        Assert.Contains("Nothing was stored", refused.Message, StringComparison.Ordinal);
        gate.SetResult();
        Assert.All(await Task.WhenAll(waiting.SkipLast(1)), answer => Assert.Equal(AddResult.Added, answer.Result));
        Assert.Equal(AddResult.Added, (await _batcher.AddAsync(Job("again"))).Result);
    }

    private static NewJob Job(string id, int bytes = 2) => new() { Id = id, Name = "n", Args = new byte[bytes], Fingerprint = 1 };

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
