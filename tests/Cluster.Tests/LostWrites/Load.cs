using System.Collections.Concurrent;
using System.Diagnostics;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Xunit;

namespace Krewe.Cluster.Tests.LostWrites;

/// <summary>A steady load on one silo: callers that enqueue a job, wait for nothing, and enqueue the next. It keeps what was promised to them and what the handlers saw.</summary>
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(5);

    private readonly KreweHost _silo;
    private readonly Scripted _job;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _starts = new();
    private readonly ConcurrentDictionary<string, int> _running = new();
    private readonly ConcurrentQueue<Promise> _promises = new();
    private readonly ConcurrentQueue<Refusal> _refusals = new();
    private readonly Task _callers;
    private int _overlaps;

    private Load(KreweHost silo, int callers)
    {
        _silo = silo;
        _job = silo.Setup.Scripts.Add(HandleAsync);
        _callers = Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(CallAsync)));
    }

    /// <summary>Jobs that were acknowledged so far, in that order.</summary>
    public IReadOnlyList<Promise> Promises => [.. _promises];

    /// <summary>Enqueues that failed so far.</summary>
    public IReadOnlyList<Refusal> Refusals => [.. _refusals];

    /// <summary>Handlers that were started while another one of the same job ran.</summary>
    public int Overlaps => Volatile.Read(ref _overlaps);

    public static Load Start(KreweHost silo, int callers = 8) => new(silo, callers);

    /// <summary>How often the handler of a job was started.</summary>
    public int StartsOf(Promise promise) => _starts.GetValueOrDefault(promise.Handle.Id);

    /// <summary>Waits until so many more jobs were acknowledged.</summary>
    public Task AcknowledgesAsync(int more) => UntilAsync(() => _promises.Count, more, "acknowledged jobs");

    /// <summary>Waits until so many more enqueues failed.</summary>
    public Task RefusesAsync(int more) => UntilAsync(() => _refusals.Count, more, "refused enqueues");

    /// <summary>Enqueues nothing more.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _callers;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task CallAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                var handle = await _silo.Jobs.EnqueueAsync(_job);
                _promises.Enqueue(new Promise(handle, started, handle.GetResultAsync(Some.Timeout + Some.Timeout)));
            }
            catch (KreweException exception)
            {
                _refusals.Enqueue(new Refusal(exception, Stopwatch.GetElapsedTime(started)));
            }
        }
    }

    private async Task<string?> HandleAsync(JobContext context, CancellationToken cancellationToken)
    {
        _starts.AddOrUpdate(context.JobId, 1, static (_, count) => count + 1);
        if (_running.AddOrUpdate(context.JobId, 1, static (_, count) => count + 1) > 1)
        {
            Interlocked.Increment(ref _overlaps);
        }

        try
        {
            await Task.Delay(Work, TimeProvider.System, cancellationToken);
            return "done";
        }
        finally
        {
            _running.AddOrUpdate(context.JobId, 0, static (_, count) => count - 1);
        }
    }

    private static async Task UntilAsync(Func<int> count, int more, string what)
    {
        using var timeout = new CancellationTokenSource(Some.Timeout + Some.Timeout);
        for (var expected = count() + more; count() < expected;)
        {
            Assert.False(timeout.IsCancellationRequested, $"Expected {expected} {what} in all, got {count()}.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}

/// <summary>An acknowledged job.</summary>
/// <param name="Handle">Its handle.</param>
/// <param name="StartedAt">When its enqueue began, a <see cref="Stopwatch"/>'s timestamp.</param>
/// <param name="Result">The wait that began when it was acknowledged.</param>
internal sealed record Promise(JobHandle<string?> Handle, long StartedAt, Task<string?> Result);

/// <summary>An enqueue that failed, and after what time.</summary>
internal sealed record Refusal(KreweException Exception, TimeSpan After);
