using System.Collections.Concurrent;
using Krewe.Chaos.Check;
using Krewe.Chaos.Jobs;

namespace Krewe.Chaos.Load;

/// <summary>Enqueues jobs at a steady rate through the client, whether or not earlier calls have returned, and waits for the end of each that was acknowledged.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    /// <summary>Calls under way beyond which a turn is left out, so that an outage does not end in a flood.</summary>
    private const int MaxCalls = 500;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    private readonly IJobClient _jobs;
    private readonly WorkMix _mix;
    private readonly TimeProvider _time;
    private readonly StreamWriter _ledger;
    private readonly ConcurrentDictionary<Task, bool> _calls = new();
    private readonly ConcurrentQueue<AwaitedJob> _acknowledged = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private int _unacknowledged;
    private volatile bool _isPaused;

    private SteadyLoad(IJobClient jobs, int perSecond, WorkMix mix, string folder, TimeProvider time)
    {
        (_jobs, _mix, _time) = (jobs, mix, time);
        _ledger = new StreamWriter(Path.Combine(folder, "acknowledged.ledger")) { AutoFlush = true };
        _loop = Task.Run(() => RunAsync(TimeSpan.FromSeconds(1) / perSecond));
    }

    /// <summary>Enqueues that threw; their jobs may have been stored.</summary>
    internal int Unacknowledged => Volatile.Read(ref _unacknowledged);

    /// <summary>Starts to enqueue.</summary>
    /// <param name="jobs">The way in.</param>
    /// <param name="perSecond">Jobs a second, 1..1,000.</param>
    /// <param name="mix">The jobs.</param>
    /// <param name="folder">Where acknowledged jobs are written down.</param>
    /// <param name="time">The clock.</param>
    internal static SteadyLoad Start(IJobClient jobs, int perSecond, WorkMix mix, string folder, TimeProvider time) => new(jobs, perSecond, mix, folder, time);

    /// <summary>Enqueues a job beside the load, as often as it takes, and waits until it is final.</summary>
    internal async Task<JobState> RunOneAsync(IJob job, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await TryEnqueueAsync(job, cancellationToken) is { } awaited)
            {
                return await awaited.Ended.WaitAsync(cancellationToken);
            }

            await Task.Delay(RetryInterval, _time, cancellationToken);
        }
    }

    /// <summary>Enqueues many jobs at once beside the load.</summary>
    internal Task BurstAsync(int count, Work job, CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => TryEnqueueAsync(job, cancellationToken)));

    /// <summary>Pauses the load, waits until all that was acknowledged since the last time is final, and tells what became of it.</summary>
    /// <param name="patience">How long the last job may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<IReadOnlyList<Acknowledgement>> SettleAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        _isPaused = true;
        await Task.WhenAll(_calls.Keys).WaitAsync(cancellationToken);
        var jobs = _acknowledged.ToList();
        await Task.WhenAny(Task.WhenAll(jobs.Select(job => job.Ended)), Task.Delay(patience, _time, cancellationToken));
        var settled = await Task.WhenAll(jobs.Select(job => job.SettleAsync(_jobs, cancellationToken)));
        for (var count = 0; count < jobs.Count; count++)
        {
            _acknowledged.TryDequeue(out _);
        }

        return settled;
    }

    /// <summary>What became of the jobs whose ends were told; and how many go on.</summary>
    internal (IReadOnlyList<Acknowledgement> Ended, int Open) SoFar()
    {
        var ended = _acknowledged.Select(job => job.SoFar).OfType<Acknowledgement>().ToList();
        return (ended, _acknowledged.Count - ended.Count);
    }

    /// <summary>Lets a paused load go on.</summary>
    internal void Resume() => _isPaused = false;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await Task.WhenAll(_calls.Keys);
        await _ledger.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (!_isPaused && _calls.Count < MaxCalls)
                {
                    var call = TryEnqueueAsync(_mix.Next(), _stop.Token);
                    _calls[call] = true;
                    _ = call.ContinueWith(ended => _calls.TryRemove(ended, out _), TaskScheduler.Default);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended.
        }
    }

    private async Task<AwaitedJob?> TryEnqueueAsync(IJob job, CancellationToken cancellationToken)
    {
        try
        {
            var handle = await _jobs.EnqueueAsync(job, cancellationToken: cancellationToken);
            var awaited = new AwaitedJob(handle, job, MachineClock.Now, _stop.Token);
            Write($"acknowledged\t{handle.Id}\t{awaited.At.Ticks}\t{job}");
            _acknowledged.Enqueue(awaited);
            return awaited;
        }
        catch (Exception exception)
        {
            // Broad: whatever it threw, nothing was acknowledged. The ledger says what it was.
            Interlocked.Increment(ref _unacknowledged);
            Write($"refused\t{MachineClock.Now.Ticks}\t{exception.GetType().Name}\t{exception.Message.ReplaceLineEndings(" ")}");
            return null;
        }
    }

    private void Write(FormattableString line)
    {
        lock (_ledger)
        {
            _ledger.WriteLine(FormattableString.Invariant(line));
        }
    }
}
