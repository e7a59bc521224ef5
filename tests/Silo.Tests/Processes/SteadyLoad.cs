using System.Collections.Concurrent;
using System.Diagnostics;

namespace Krewe.Silo.Tests.Processes;

/// <summary>Enqueues so many jobs a second, whatever becomes of those before, and keeps what each tells of itself.</summary>
internal sealed class SteadyLoad : IDisposable
{
    /// <summary>Jobs of so many seconds may be on their way at a time; a machine that does not bear the rate gets less, instead of a heap.</summary>
    private const int MaxSecondsBehind = 5;

    /// <summary>One job in so many holds its slot for a while, so that each silo that leaves has some that run.</summary>
    private const int JobsPerHold = 250;

    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly IJobClient _jobs;
    private readonly int _perSecond;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<TimedJob> _ended = [];
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly List<Task> _calls = [];
    private readonly Task _loop;
    private int _onTheirWay;

    private SteadyLoad(IJobClient jobs, int perSecond)
    {
        (_jobs, _perSecond) = (jobs, perSecond);
        _loop = Task.Run(SendAsync);
    }

    /// <summary>Jobs whose result came.</summary>
    public IReadOnlyCollection<TimedJob> Ended => _ended;

    /// <summary>What was thrown instead of a result.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Jobs enqueued a second, over the whole time.</summary>
    public double Rate { get; private set; }

    public static SteadyLoad Start(IJobClient jobs, int perSecond) => new(jobs, perSecond);

    /// <summary>Waits until so many more jobs have ended, or one has failed.</summary>
    /// <exception cref="TimeoutException">Neither within three minutes.</exception>
    public async Task PassAsync(int jobs)
    {
        var started = Stopwatch.GetTimestamp();
        for (var goal = _ended.Count + jobs; _ended.Count < goal && _failures.IsEmpty;)
        {
            await Task.Delay(TickInterval, TimeProvider.System);
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"Expected {goal} jobs to have ended within {Patience}, got {_ended.Count}; {Volatile.Read(ref _onTheirWay)} are on their way.");
            }
        }
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>Enqueues no more, and waits for the results of all.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await Task.WhenAll(_calls);
    }

    private async Task SendAsync()
    {
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TickInterval, TimeProvider.System);
        long due = 0;
        while (!_stop.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync();
            for (var goal = (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * _perSecond); due < goal; due++)
            {
                if (Volatile.Read(ref _onTheirWay) < MaxSecondsBehind * _perSecond)
                {
                    _calls.Add(RunAsync(due % JobsPerHold == 0 ? Hold : TimeSpan.Zero));
                }
            }
        }

        Rate = _calls.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private async Task RunAsync(TimeSpan hold)
    {
        Interlocked.Increment(ref _onTheirWay);
        var calledAt = TimeProvider.System.GetUtcNow();
        try
        {
            var handle = await _jobs.EnqueueAsync(new Timed(calledAt, hold));
            _ended.Add(new TimedJob(handle, calledAt, hold > TimeSpan.Zero, await handle.GetResultAsync(Patience)));
        }
        catch (Exception exception)
        {
            _failures.Enqueue($"called at {calledAt:HH:mm:ss.fff}: {exception.Message}"); // Whatever it was, the load goes on; the test tells.
        }
        finally
        {
            Interlocked.Decrement(ref _onTheirWay);
        }
    }
}

/// <summary>A job that ended.</summary>
internal sealed record TimedJob(JobHandle Handle, DateTimeOffset CalledAt, bool IsHeld, Timing Timing);
