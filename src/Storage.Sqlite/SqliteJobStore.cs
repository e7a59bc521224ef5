using Krewe.Jobs;
using Krewe.Queues;

namespace Krewe.Storage.Sqlite;

/// <summary>Jobs in one SQLite file, exclusive to this process; the default store, durable with every commit.</summary>
internal sealed class SqliteJobStore(SqliteFile file) : IJobStore
{
    private const int MaxSteps = 256;

    private static readonly IReadOnlyDictionary<string, long> NobodyParked = new Dictionary<string, long>();

    private readonly SemaphoreSlim _connecting = new(1, 1);
    private PartitionTable? _partitions;
    private JobSteps? _steps;

    public string Kind => "sqlite";

    public bool IsExclusive => true;

    private PartitionTable Partitions => _partitions ?? throw new StoreUnavailableException("The store is not connected; nothing was written. Connect it first.");

    public async Task ConnectAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        // A file is there or it is not: there is nothing to wait for.
        await file.ConnectAsync(cancellationToken);
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            _partitions ??= await file.WriteAsync(database =>
            {
                _steps = new(database);
                return PartitionTable.Load(database);
            });
        }
        finally
        {
            _connecting.Release();
        }
    }

    public Task PingAsync(CancellationToken cancellationToken) => file.ReadAsync(static database => database.Statement("SELECT count(*) FROM queues").Scalar());

    public Task<int> DeclareQueueAsync(string queue, int partitions) => file.WriteAsync(database =>
    {
        database.Statement("INSERT INTO queues (name, partitions) VALUES (?1, ?2) ON CONFLICT DO NOTHING").Bind(1, queue).Bind(2, partitions).Execute();
        return (int)database.Statement("SELECT partitions FROM queues WHERE name = ?1").Bind(1, queue).Scalar()!.Value;
    });

    public Task<IReadOnlyDictionary<string, int>> ListQueuesAsync() => file.ReadAsync<IReadOnlyDictionary<string, int>>(static database =>
    {
        Dictionary<string, int> queues = [];
        var rows = database.Statement("SELECT name, partitions FROM queues");
        while (rows.Step())
        {
            queues[rows.Text(0)] = (int)rows.Int64(1);
        }

        return queues;
    });

    public Task DeclareNamesAsync(IReadOnlyCollection<string> names) => file.WriteAsync(database =>
    {
        var upsert = database.Statement("INSERT INTO names (name, declared) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET declared = excluded.declared");
        foreach (var name in names)
        {
            upsert.Bind(1, name).Bind(2, file.NowTicks).Execute();
        }

        return names.Count;
    });

    public Task<bool> IsNameDeclaredAsync(string name, TimeSpan within) => file.ReadAsync(database =>
        database.Statement("SELECT declared FROM names WHERE name = ?1").Bind(1, name).Scalar() is { } declared && file.NowTicks - declared <= within.Ticks);

    public Task<IReadOnlyList<PartitionKey>> ListPartitionsAsync() => file.ReadAsync<IReadOnlyList<PartitionKey>>(static database =>
    {
        List<PartitionKey> keys = [];
        var rows = database.Statement("SELECT queue, partition FROM partitions WHERE in_catalogue = 1 ORDER BY queue, partition");
        while (rows.Step())
        {
            keys.Add(new(rows.Text(0), (int)rows.Int64(1)));
        }

        return keys;
    });

    public async Task<PartitionLease> OpenPartitionAsync(PartitionKey key)
    {
        var partitions = Partitions;
        var (partition, lease) = await file.WriteAsync(database => partitions.OpenPartition(database, key));
        partitions.Remember(partition);
        return lease;
    }

    public Task<bool> ClosePartitionAsync(PartitionLease lease)
    {
        var partition = Opened(lease);
        return file.WriteAsync(database => PartitionTable.ClosePartition(database, partition, lease));
    }

    public Task CheckPartitionAsync(PartitionLease lease)
    {
        var (partition, before) = (Opened(lease), lease.Revision); // Commits may raise it while the answer is on its way.
        return file.ReadAsync(database => PartitionTable.CheckEpoch(database, partition, lease) is { Revision: var revision } && revision >= before
            ? revision
            : throw new StoreRolledBackException(lease.Key, before, revision));
    }

    public Task<StepAnswer[]> CommitAsync(PartitionLease lease, IReadOnlyList<JobStep> steps)
    {
        var partition = Opened(lease);
        if (steps.Count > MaxSteps)
        {
            throw new ArgumentException($"A commit takes at most {MaxSteps} steps, got {steps.Count}; split it.", nameof(steps));
        }

        var encoded = new EncodedStep[steps.Count];
        for (var index = 0; index < encoded.Length; index++)
        {
            encoded[index] = Encode(steps[index]);
        }

        return file.WriteAsync(new CommitWork(file, _steps!, partition, lease, encoded));
    }

    public Task<LanePage> ReadLaneAsync(PartitionKey key, int lane, long after, int max) =>
        ReadAsync(key, new LanePage([], after, true), (database, partition) => JobReads.ReadLane(database, partition, lane, after, max));

    public Task<DuePage> ReadDueAsync(PartitionKey key, DateTimeOffset until, int max) =>
        ReadAsync(key, new DuePage([], null), (database, partition) => JobReads.ReadDue(database, partition, until.UtcTicks, max));

    public Task<DuePage> ReadExpiringAsync(PartitionKey key, DateTimeOffset until, int max) =>
        ReadAsync(key, new DuePage([], null), (database, partition) => JobReads.ReadExpiring(database, partition, until.UtcTicks, max));

    public Task<IReadOnlyList<StoredJob>> ReadRunningAsync(PartitionKey key) =>
        ReadAsync<IReadOnlyList<StoredJob>>(key, [], JobReads.ReadRunning);

    public Task<IReadOnlyList<StoredJob>> ReadParkedAsync(PartitionKey key, string name, int max) =>
        ReadAsync<IReadOnlyList<StoredJob>>(key, [], (database, partition) => JobReads.ReadParked(database, partition, name, max));

    public Task<StoredJob?[]> FindAsync(PartitionKey key, IReadOnlyList<string> ids) =>
        ReadAsync(key, new StoredJob?[ids.Count], (database, partition) => JobReads.Find(database, partition, ids, file.NowTicks));

    public Task<StorePage> ListAsync(PartitionKey key, JobPlace place, string? after, int max) =>
        ReadAsync(key, new StorePage([], null), (database, partition) => JobListing.List(database, new(partition, place, after, max, file.NowTicks)));

    public Task<PartitionCounts> CountAsync(PartitionKey key) =>
        ReadAsync(key, new PartitionCounts { LaneEntries = new long[10], Parked = NobodyParked }, (database, partition) => JobReads.Count(database, partition, file.NowTicks));

    public Task<bool> PurgeAsync(PartitionLease lease, long maxListed) => file.WriteAsync(new PurgeWork(file, Opened(lease), lease, maxListed));

    public async ValueTask DisposeAsync()
    {
        await file.DisposeAsync();
        _connecting.Dispose();
    }

    /// <summary>A broken step is refused here, before it can meet the steps of others.</summary>
    private static EncodedStep Encode(JobStep step)
    {
        var isWhole = step.To switch
        {
            JobPlace.Running => step.From == JobPlace.Running || step.Claim is not null,
            JobPlace.Due => step.DueAt is not null,
            JobPlace.Parked => step.ParkedName is not null,
            JobPlace.Ready or JobPlace.Dead or JobPlace.Done => true,
            _ => false,
        };
        if (!isWhole || (step.From == JobPlace.Nowhere && step.Record is null) || step.Record is { Priority: < 0 or > 9 })
        {
            throw new ArgumentException($"The step {step.Verb} of job '{step.Id}' from {step.From} to {step.To} lacks its record, claim, instant or name, or its lane is not 0..9.", nameof(step));
        }

        return new(step, step.Record is { } record ? JobRecordCodec.Encode(record) : null, step.Claim is { } claim ? JobRecordCodec.Encode(claim) : null);
    }

    /// <summary>A lease of a partition that is not in the file is one of another file, or of this one before it was put back.</summary>
    private Partition Opened(PartitionLease lease) => Partitions.Find(lease.Key) ?? throw new StaleEpochException(lease.Key, lease.Epoch);

    private Task<T> ReadAsync<T>(PartitionKey key, T nothing, Func<SqliteDatabase, Partition, T> read) =>
        Partitions.Find(key) is { } partition ? file.ReadAsync(database => read(database, partition)) : Task.FromResult(nothing);
}
