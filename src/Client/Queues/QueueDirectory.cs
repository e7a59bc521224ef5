using System.Collections.Concurrent;

namespace Krewe.Queues;

/// <summary>The queues of the cluster and their numbers of partitions, which never change. Cached; asked again when a queue is not known.</summary>
internal sealed class QueueDirectory(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan MinRefreshInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, KnownQueue> _queues = new(StringComparer.Ordinal);
    private readonly EnqueueBudget _budget = new();
    private readonly Lock _gate = new();
    private Task _refresh = Task.CompletedTask;
    private long? _refreshedAt;

    /// <summary>Asked for inside each call: Orleans knows no grains before it is connected, and such a call is repeated.</summary>
    /// <exception cref="OrleansException">There is no connection yet.</exception>
    internal ICatalogueGrain Catalogue => RetriedCall.Connected(() => grains.GetGrain<ICatalogueGrain>(0));

    /// <summary>A queue to enqueue to; created where the cluster creates missing queues.</summary>
    /// <exception cref="UnknownQueueException">There is none.</exception>
    internal ValueTask<KnownQueue> GetAsync(string queue, CancellationToken cancellationToken) =>
        _queues.TryGetValue(queue, out var known) ? new(known) : new(GetOrCreateAsync(queue, cancellationToken));

    /// <inheritdoc cref="GetAsync(string, CancellationToken)"/>
    /// <param name="queue">Its name.</param>
    /// <param name="isPatient">Whether to ask on while the store is away.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal ValueTask<KnownQueue> GetAsync(string queue, bool isPatient, CancellationToken cancellationToken) => isPatient && !_queues.ContainsKey(queue)
        ? new(RetriedCall.InsistAsync(() => GetOrCreateAsync(queue, cancellationToken), time, cancellationToken))
        : GetAsync(queue, cancellationToken);

    /// <summary>The partition of a job id; null when there is no such queue or partition.</summary>
    internal async ValueTask<PartitionRoute?> FindAsync(string queue, int partition, CancellationToken cancellationToken)
    {
        if (!_queues.TryGetValue(queue, out var known))
        {
            await RefreshIfDueAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            known = _queues.GetValueOrDefault(queue);
        }

        return known is not null && partition < known.Partitions.Count ? known.Partitions[partition] : null;
    }

    /// <summary>Every queue as of now, by name.</summary>
    internal async Task<IReadOnlyList<KnownQueue>> ListAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        return [.. _queues.Values.OrderBy(queue => queue.Name, StringComparer.Ordinal)];
    }

    private async Task<KnownQueue> GetOrCreateAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            await RefreshIfDueAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            return _queues.TryGetValue(queue, out var known)
                ? known
                : Remember(queue, await RetriedCall.ForWrite(time).RunAsync(name => Catalogue.CreateQueueAsync(name), queue, cancellationToken).ConfigureAwait(false));
        }
        catch (StoreUnavailableException exception)
        {
            throw new StoreUnavailableException($"The queue '{queue}' could not be looked up, so nothing was stored in it; enqueue again later. {exception.Message}", exception);
        }
    }

    private Task RefreshIfDueAsync()
    {
        lock (_gate)
        {
            if (!_refresh.IsCompleted || (_refresh.IsCompletedSuccessfully && _refreshedAt is { } at && time.GetElapsedTime(at) < MinRefreshInterval))
            {
                return _refresh;
            }

            _refreshedAt = time.GetTimestamp();
            return _refresh = RefreshAsync();
        }
    }

    private async Task RefreshAsync()
    {
        var found = await RetriedCall.ForWrite(time).RunAsync(static directory => directory.Catalogue.GetQueuesAsync(), this).ConfigureAwait(false);
        foreach (var (queue, partitions) in found)
        {
            Remember(queue, partitions);
        }
    }

    /// <summary>One object per queue, so that enqueues to a partition always meet in one batcher.</summary>
    private KnownQueue Remember(string queue, int partitions) => _queues.AddOrUpdate(
        queue,
        name => Route(name, partitions),
        (name, known) => known.Partitions.Count == partitions ? known : Route(name, partitions));

    private KnownQueue Route(string queue, int partitions) => new(queue, [.. Enumerable.Range(0, partitions).Select(partition =>
    {
        var key = new PartitionKey(queue, partition);
        return new PartitionRoute(key, grains.GetGrain<IQueueGrain>(key.ToString()), _budget, time);
    })]);
}
