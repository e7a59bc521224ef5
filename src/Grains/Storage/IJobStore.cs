using Krewe.Queues;

namespace Krewe.Storage;

/// <summary>Where jobs lie. One suite, <c>tests/Store.Conformance</c>, holds for every implementation.</summary>
/// <remarks>
/// <para>Writes go through <see cref="CommitAsync"/> under a <see cref="PartitionLease"/>: a list of steps, taken in order, each whole or not at all, all of them durable
/// when the call returns. Reads are of one partition and see every commit that returned before.</para>
/// <para>A call that fails with <see cref="StoreUnavailableException"/> may or may not have been carried out; the owner opens the partition anew and
/// reads what is true. Calls give up after 5 seconds. Jobs whose time to live has passed are gone from every answer.</para>
/// </remarks>
internal interface IJobStore : IJobReads, IAsyncDisposable
{
    /// <summary>A short name for logs, metrics and people: <c>redis</c>, <c>sqlite</c>.</summary>
    string Kind { get; }

    /// <summary>Whether every claim found at opening is void, because the store is exclusive to this process (SQLite).</summary>
    bool IsExclusive { get; }

    /// <summary>Connects, checks version and settings, creates what is missing. Waits for a store that is away as long as <paramref name="wait"/> says.</summary>
    /// <exception cref="StoreVersionException">The layout is of an unknown version.</exception>
    /// <exception cref="StoreConfigurationException">It cannot work as configured.</exception>
    /// <exception cref="StoreUnavailableException">It was away for longer.</exception>
    Task ConnectAsync(TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>Whether the store answers now. Throws as a call would.</summary>
    Task PingAsync(CancellationToken cancellationToken);

    /// <summary>Writes a queue's number of partitions at its first use.</summary>
    /// <returns>The number that holds: the one written first.</returns>
    Task<int> DeclareQueueAsync(string queue, int partitions);

    /// <summary>Queues that were ever declared, with their partitions.</summary>
    Task<IReadOnlyDictionary<string, int>> ListQueuesAsync();

    /// <summary>Remembers that these job names have handlers now.</summary>
    Task DeclareNamesAsync(IReadOnlyCollection<string> names);

    /// <summary>Whether a name was declared within the last <paramref name="within"/>.</summary>
    Task<bool> IsNameDeclaredAsync(string name, TimeSpan within);

    /// <summary>The catalogue: partitions that may hold jobs.</summary>
    Task<IReadOnlyList<PartitionKey>> ListPartitionsAsync();

    /// <summary>Opens a partition: raises its epoch, so that every earlier lease is void, and puts it into the catalogue before anything can be added.</summary>
    Task<PartitionLease> OpenPartitionAsync(PartitionKey key);

    /// <summary>Closes a partition: takes it out of the catalogue when it holds no waiting, running or parked job. The lease is void after.</summary>
    /// <returns>Whether it was taken out.</returns>
    Task<bool> ClosePartitionAsync(PartitionLease lease);

    /// <summary>Asks whether the partition is as this lease left it, without writing. May run beside a commit.</summary>
    /// <exception cref="StaleEpochException">The lease is void.</exception>
    /// <exception cref="StoreRolledBackException">The store went back in time.</exception>
    Task CheckPartitionAsync(PartitionLease lease);

    /// <summary>Takes steps in order. One call at a time per lease; at most 256 steps and 4 MiB of records unless it is a single step.</summary>
    /// <returns>An answer per step, in order.</returns>
    /// <exception cref="StaleEpochException">The lease is void; nothing was written.</exception>
    /// <exception cref="StoreRolledBackException">The revision is another; nothing was written.</exception>
    /// <exception cref="StoreUnavailableException">It may or may not have been written; open the partition anew.</exception>
    Task<StepAnswer[]> CommitAsync(PartitionLease lease, IReadOnlyList<JobStep> steps);

    /// <summary>Reads a lane's ready jobs after a position.</summary>
    /// <param name="key">The partition.</param>
    /// <param name="lane">0..9.</param>
    /// <param name="after">Exclusive; -1 for the beginning.</param>
    /// <param name="max">Physical entries to look at, 1..1,000; and no more than 4 MiB of records beyond the first.</param>
    Task<LanePage> ReadLaneAsync(PartitionKey key, int lane, long after, int max);

    /// <summary>Reads jobs in Due whose instant is not after <paramref name="until"/>.</summary>
    Task<DuePage> ReadDueAsync(PartitionKey key, DateTimeOffset until, int max);

    /// <summary>Reads jobs in Ready, Due or Parked whose expiry is not after <paramref name="until"/>.</summary>
    Task<DuePage> ReadExpiringAsync(PartitionKey key, DateTimeOffset until, int max);

    /// <summary>Reads all running jobs with their claims and records.</summary>
    Task<IReadOnlyList<StoredJob>> ReadRunningAsync(PartitionKey key);

    /// <summary>Reads jobs parked under a name, oldest first.</summary>
    Task<IReadOnlyList<StoredJob>> ReadParkedAsync(PartitionKey key, string name, int max);

    /// <summary>Reads a page of the jobs in one place. Done: newest first, from the recent ones. Dead: newest first. Elsewhere: in order.</summary>
    Task<StorePage> ListAsync(PartitionKey key, JobPlace place, string? after, int max);

    /// <summary>Counts the jobs of a partition by place. Cheap.</summary>
    Task<PartitionCounts> CountAsync(PartitionKey key);

    /// <summary>Removes finished jobs beyond a number or past their time to live, oldest first, a bounded number a call.</summary>
    /// <param name="lease">The owner's.</param>
    /// <param name="maxListed">How many finished jobs may stay.</param>
    /// <returns>Whether there is more to remove.</returns>
    Task<bool> PurgeAsync(PartitionLease lease, long maxListed);
}
