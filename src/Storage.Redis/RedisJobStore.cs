using System.Collections.Concurrent;
using Krewe.Queues;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Jobs in Redis 7 or later, alone or as a cluster.</summary>
/// <remarks>
/// <para>A partition's keys share a hash tag: meta (epoch, revision, position), ten lanes (streams whose entry ids are positions), due, expiry, dead and done (sorted sets),
/// running (claims), parked, one string per record. Every write of a partition is a script that checks epoch and revision first.</para>
/// <para>A job is running when it has a claim; its record and its lane entry stay as they were when it was claimed. So a claim writes one field, and a job that
/// is handed back has kept its place. The entry goes when the job leaves Ready and Running for good.</para>
/// <para>A script is atomic, but what it wrote before an error stays. Hence each checks all that could fail before it writes, and new work is refused by
/// Redis itself when it is full, before the script begins.</para>
/// </remarks>
internal sealed class RedisJobStore : IJobStore
{
    private readonly ConcurrentDictionary<PartitionKey, PartitionKeys> _keys = new();
    private readonly string _prefix;
    private readonly RedisCaller _caller;
    private readonly RedisGreeting _greeting;
    private readonly RedisCatalogue _catalogue;
    private readonly RedisCommits _commits;
    private readonly RedisPurge _purge;
    private readonly RedisLanes _lanes;
    private readonly RedisListing _listing;

    public RedisJobStore(RedisConnection connection, IOptions<RedisStoreOptions> options, TimeProvider timeProvider, ILogger<RedisJobStore> logger)
    {
        _prefix = options.Value.KeyPrefix;
        if (_prefix.AsSpan().ContainsAny('{', '}'))
        {
            throw new StoreConfigurationException($"KeyPrefix must not contain braces, got '{_prefix}'; they mark what keeps a partition's keys together.");
        }

        _caller = new(connection, options, logger);
        var records = new RedisRecords(_caller);
        _greeting = new(connection, _caller, _prefix, logger);
        _catalogue = new(_caller, _prefix, timeProvider);
        _commits = new(_caller, records, timeProvider);
        _purge = new(_caller, records, timeProvider);
        _lanes = new(_caller, records, logger);
        _listing = new(_caller, records);
    }

    public string Kind => "redis";

    public bool IsExclusive => false;

    public Task ConnectAsync(TimeSpan wait, CancellationToken cancellationToken) => _greeting.GreetAsync(wait, cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) =>
        _caller.CallAsync(database => database.PingAsync(CommandFlags.DemandMaster)).WaitAsync(cancellationToken);

    public Task<int> DeclareQueueAsync(string queue, int partitions) => _catalogue.DeclareQueueAsync(queue, partitions);

    public Task<IReadOnlyDictionary<string, int>> ListQueuesAsync() => _catalogue.ListQueuesAsync();

    public Task DeclareNamesAsync(IReadOnlyCollection<string> names) => _catalogue.DeclareNamesAsync(names);

    public Task<bool> IsNameDeclaredAsync(string name, TimeSpan within) => _catalogue.IsNameDeclaredAsync(name, within);

    public Task<IReadOnlyList<PartitionKey>> ListPartitionsAsync() => _catalogue.ListPartitionsAsync();

    public Task<PartitionLease> OpenPartitionAsync(PartitionKey key) => _commits.OpenAsync(Keys(key), _catalogue.Partitions);

    public Task<bool> ClosePartitionAsync(PartitionLease lease) => _commits.CloseAsync(Keys(lease.Key), _catalogue.Partitions, lease);

    public Task CheckPartitionAsync(PartitionLease lease) => _commits.CheckAsync(Keys(lease.Key), lease);

    public Task<StepAnswer[]> CommitAsync(PartitionLease lease, IReadOnlyList<JobStep> steps) => _commits.CommitAsync(Keys(lease.Key), lease, steps);

    public Task<LanePage> ReadLaneAsync(PartitionKey key, int lane, long after, int max) => _lanes.ReadLaneAsync(Keys(key), lane, after, max);

    public Task<DuePage> ReadDueAsync(PartitionKey key, DateTimeOffset until, int max)
    {
        var keys = Keys(key);
        return _lanes.ReadInstantsAsync(keys, keys.Due, until, max);
    }

    public Task<DuePage> ReadExpiringAsync(PartitionKey key, DateTimeOffset until, int max)
    {
        var keys = Keys(key);
        return _lanes.ReadInstantsAsync(keys, keys.Expiry, until, max);
    }

    public Task<IReadOnlyList<StoredJob>> ReadRunningAsync(PartitionKey key) => _listing.ReadRunningAsync(Keys(key));

    public Task<IReadOnlyList<StoredJob>> ReadParkedAsync(PartitionKey key, string name, int max) => _listing.ReadParkedAsync(Keys(key), name, max);

    public Task<StoredJob?[]> FindAsync(PartitionKey key, IReadOnlyList<string> ids) => _listing.FindAsync(Keys(key), ids);

    public Task<StorePage> ListAsync(PartitionKey key, JobPlace place, string? after, int max) => _listing.ListAsync(Keys(key), place, after, max);

    public Task<PartitionCounts> CountAsync(PartitionKey key) => _listing.CountAsync(Keys(key));

    public Task<bool> PurgeAsync(PartitionLease lease, long maxListed) => _purge.PurgeAsync(Keys(lease.Key), lease, maxListed);

    /// <summary>Nothing to do: the connection is the process's, not the store's.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private PartitionKeys Keys(PartitionKey key) => _keys.GetOrAdd(key, static (key, prefix) => new(prefix, key), _prefix);
}
