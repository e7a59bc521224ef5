using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Cluster.Tests.Fixtures;

/// <summary>A store that answers everything as the real one does, some of it when it may.</summary>
internal sealed class HeldStore(IJobStore store) : IJobStore
{
    /// <summary>Holds the answer about its queues.</summary>
    public Hold Listing { get; init; } = new();

    /// <summary>Holds commits before they are made.</summary>
    public Hold Commits { get; init; } = new();

    public string Kind => store.Kind;

    public bool IsExclusive => store.IsExclusive;

    public async Task<IReadOnlyDictionary<string, int>> ListQueuesAsync()
    {
        var answer = store.ListQueuesAsync();
        await Listing.PassAsync();
        return await answer;
    }

    public Task ConnectAsync(TimeSpan wait, CancellationToken cancellationToken) => store.ConnectAsync(wait, cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => store.PingAsync(cancellationToken);

    public Task<int> DeclareQueueAsync(string queue, int partitions) => store.DeclareQueueAsync(queue, partitions);

    public Task DeclareNamesAsync(IReadOnlyCollection<string> names) => store.DeclareNamesAsync(names);

    public Task<bool> IsNameDeclaredAsync(string name, TimeSpan within) => store.IsNameDeclaredAsync(name, within);

    public Task<IReadOnlyList<PartitionKey>> ListPartitionsAsync() => store.ListPartitionsAsync();

    public Task<PartitionLease> OpenPartitionAsync(PartitionKey key) => store.OpenPartitionAsync(key);

    public Task<bool> ClosePartitionAsync(PartitionLease lease) => store.ClosePartitionAsync(lease);

    public Task CheckPartitionAsync(PartitionLease lease) => store.CheckPartitionAsync(lease);

    public async Task<StepAnswer[]> CommitAsync(PartitionLease lease, IReadOnlyList<JobStep> steps)
    {
        await Commits.PassAsync();
        return await store.CommitAsync(lease, steps);
    }

    public Task<LanePage> ReadLaneAsync(PartitionKey key, int lane, long after, int max) => store.ReadLaneAsync(key, lane, after, max);

    public Task<DuePage> ReadDueAsync(PartitionKey key, DateTimeOffset until, int max) => store.ReadDueAsync(key, until, max);

    public Task<DuePage> ReadExpiringAsync(PartitionKey key, DateTimeOffset until, int max) => store.ReadExpiringAsync(key, until, max);

    public Task<IReadOnlyList<StoredJob>> ReadRunningAsync(PartitionKey key) => store.ReadRunningAsync(key);

    public Task<IReadOnlyList<StoredJob>> ReadParkedAsync(PartitionKey key, string name, int max) => store.ReadParkedAsync(key, name, max);

    public Task<StoredJob?[]> FindAsync(PartitionKey key, IReadOnlyList<string> ids) => store.FindAsync(key, ids);

    public Task<StorePage> ListAsync(PartitionKey key, JobPlace place, string? after, int max) => store.ListAsync(key, place, after, max);

    public Task<PartitionCounts> CountAsync(PartitionKey key) => store.CountAsync(key);

    public Task<bool> PurgeAsync(PartitionLease lease, long maxListed) => store.PurgeAsync(lease, maxListed);

    public ValueTask DisposeAsync() => store.DisposeAsync();
}

/// <summary>Holds whoever comes, from when a test says so until it lets them go on.</summary>
internal sealed class Hold
{
    private TaskCompletionSource _arrived = new();
    private TaskCompletionSource _goOn = new();

    public Hold() => _goOn.SetResult();

    /// <summary>From now on everybody is held.</summary>
    /// <returns>Ends when somebody comes.</returns>
    public Task Begin()
    {
        (_arrived, _goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        return _arrived.Task;
    }

    public void GoOn() => _goOn.SetResult();

    public Task PassAsync()
    {
        _arrived.TrySetResult();
        return _goOn.Task;
    }
}
