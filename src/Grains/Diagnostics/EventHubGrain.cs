using Krewe.Placement;
using Krewe.Queues;
using Orleans.Concurrency;

namespace Krewe.Diagnostics;

/// <inheritdoc cref="IEventHubGrain"/>
/// <remarks>Buffers this silo's events and sends them every 100 ms or 256 events. Subscribes to them only while somebody watches. Beyond its bound the oldest are dropped: watching never slows work.</remarks>
[GrainType("krewe.event-hub"), SiloInKeyPlacement, Orleans.GrainDirectory.GrainDirectory(NoDirectory.Name), Reentrant]
internal sealed class EventHubGrain(JobEvents events, TimeProvider time) : Grain, IEventHubGrain
{
    private const int BatchSize = 256;
    private const int MaxBuffered = 16_384;

    /// <summary>Watchers of one silo; who comes beyond them is let in when one has ended, because watchers ask again every few seconds.</summary>
    private const int MaxWatchers = 1_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly System.Collections.Concurrent.ConcurrentQueue<JobEvent> _buffer = new();
    private readonly Dictionary<IJobEventObserver, (JobEventFilter? Filter, long Since)> _watchers = [];
    private IDisposable? _subscription;
    private IGrainTimer? _timer;

    public Task WatchAsync(IJobEventObserver observer, JobEventFilter? filter)
    {
        if (_watchers.Count >= MaxWatchers && !_watchers.ContainsKey(observer))
        {
            return Task.CompletedTask;
        }

        _watchers[observer] = (filter, time.GetTimestamp());
        _subscription ??= events.Subscribe(Buffer);
        _timer ??= this.RegisterGrainTimer(Flush, new GrainTimerCreationOptions(Interval, Interval) { Interleave = true });
        return Task.CompletedTask;
    }

    public Task UnwatchAsync(IJobEventObserver observer)
    {
        _watchers.Remove(observer);
        StopIfAlone();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _watchers.Clear();
        StopIfAlone();
        return Task.CompletedTask;
    }

    private void Buffer(JobEvent jobEvent)
    {
        _buffer.Enqueue(jobEvent);
        if (_buffer.Count > MaxBuffered)
        {
            _buffer.TryDequeue(out _);
        }
    }

    private Task Flush(CancellationToken cancellationToken)
    {
        foreach (var (observer, watch) in _watchers)
        {
            if (time.GetElapsedTime(watch.Since) > Lifetime)
            {
                _watchers.Remove(observer);
            }
        }

        while (!_buffer.IsEmpty)
        {
            Send(TakeBatch());
        }

        StopIfAlone();
        return Task.CompletedTask;
    }

    private List<JobEvent> TakeBatch()
    {
        var batch = new List<JobEvent>();
        while (batch.Count < BatchSize && _buffer.TryDequeue(out var jobEvent))
        {
            batch.Add(jobEvent);
        }

        return batch;
    }

    private void Send(List<JobEvent> batch)
    {
        foreach (var (observer, watch) in _watchers)
        {
            var wanted = watch.Filter is { } filter ? batch.Where(filter.Matches).ToArray() : [.. batch];
            if (wanted.Length > 0)
            {
                observer.OnAsync(wanted).Ignore();
            }
        }
    }

    private void StopIfAlone()
    {
        if (_watchers.Count == 0)
        {
            _subscription?.Dispose();
            _timer?.Dispose();
            (_subscription, _timer) = (null, null);
        }
    }
}
