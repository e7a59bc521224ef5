using System.Collections.Concurrent;
using Krewe.Jobs;
using Krewe.Queues;

namespace Krewe.Waits;

/// <summary>Waits for the ends of jobs: one observer and one timer per process, whatever the number of waits.</summary>
/// <remarks>Owners tell the observer; the timer renews the interest, which also finds the new owner of a partition that moved. Nothing is polled.</remarks>
internal sealed class ResultWaiter : IJobObserver, IDisposable
{
    /// <summary>Interest lasts 30 seconds at the owner, and a moved partition learns of it at the next renewal.</summary>
    internal static readonly TimeSpan RenewalInterval = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    private readonly ConcurrentDictionary<PartitionKey, PartitionWaits> _partitions = new();
    private readonly Lazy<IJobObserver> _reference;
    private readonly Lazy<ITimer> _renewal;
    private readonly TimeProvider _time;

    public ResultWaiter(IGrainFactory grains, TimeProvider time)
    {
        _time = time;
        _reference = new(() => grains.CreateObjectReference<IJobObserver>(this));
        _renewal = new(() => time.CreateTimer(static waiter => ((ResultWaiter)waiter!).Renew(), this, RenewalInterval, RenewalInterval));
    }

    /// <summary>Waits for a job's end.</summary>
    /// <param name="route">The job's partition.</param>
    /// <param name="id">The last part of its id.</param>
    /// <param name="timeout">Above 0; null: for ever.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    internal async Task<JobEnding> WaitAsync(PartitionRoute route, string id, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waits = _partitions.GetOrAdd(route.Key, static (key, found) => new(key, found.Route.Grain, found.Waiter._reference, found.Waiter._time), (Route: route, Waiter: this));
        var wait = waits.Join(id);
        _ = _renewal.Value;
        try
        {
            return await wait.Task.WaitAsync(Bounded(timeout), _time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            waits.Leave(wait);
        }
    }

    /// <summary>A timeout that a timer can run; what is longer is for ever.</summary>
    internal static TimeSpan Bounded(TimeSpan? timeout) => timeout is { } limit && limit < LongestTimer ? limit : Timeout.InfiniteTimeSpan;

    /// <summary>Called by owners.</summary>
    public Task OnEndedAsync(JobEnding[] endings)
    {
        foreach (var ending in endings)
        {
            if (JobIds.TryParse(ending.JobId, out var queue, out var partition, out var id) && _partitions.TryGetValue(new(queue, partition), out var waits))
            {
                waits.Complete(id, ending);
            }
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        if (_renewal.IsValueCreated)
        {
            _renewal.Value.Dispose();
        }
    }

    private void Renew()
    {
        foreach (var waits in _partitions.Values)
        {
            waits.Renew();
        }
    }
}
