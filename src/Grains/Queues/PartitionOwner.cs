using Krewe.Jobs;
using Krewe.Storage;

namespace Krewe.Queues;

/// <summary>Opens a partition and keeps the one <see cref="OwnedPartition"/> that is in force.</summary>
/// <remarks>
/// <para>States: <em>closed</em> → <em>opening</em> → <em>open</em> → closed (a commit whose outcome is unknown, or a store that went back in time) or
/// <em>lost</em> (another owner opened it: the grain deactivates). Opening raises the epoch, so whatever an earlier epoch still has in flight is refused by the
/// store; then counts and the running set are read. What was ambiguous is thereby decided by what the store holds: callers repeat with the same ids and tokens.</para>
/// <para>Runs on the grain's scheduler. Each operation takes the open partition once and works on that object to its end: when the epoch ends meanwhile,
/// its commits fail, and nothing it did in memory outlives it.</para>
/// </remarks>
internal sealed class PartitionOwner(PartitionKey key, OwnerServices services, Action onLost)
{
    private OwnedPartition? _open;
    private Task<OwnedPartition>? _opening;
    private bool _hasGoneBack;
    private long _lastEpoch;

    public PartitionKey Key { get; } = key;

    public OwnerServices Services { get; } = services;

    /// <summary>The partition if it is open; null while it is closed.</summary>
    public OwnedPartition? Current => _open;

    /// <summary>Called with each newly opened partition. Who opened it waits for it; other calls are served from its first await on.</summary>
    public Func<OwnedPartition, PartitionCounts, Task>? Opened { get; set; }

    /// <summary>Called with each partition that is read, before it serves anybody, and with whether its store went back in time since it was last open here.</summary>
    public Func<OwnedPartition, bool, Task>? Read { get; set; }

    /// <summary>The open partition; opens it when it is closed.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public ValueTask<OwnedPartition> OpenAsync()
    {
        if (_open is { } open)
        {
            return new(open);
        }

        _opening ??= OpenOnceAsync();
        return new(_opening);
    }

    /// <summary>The open partition, at an epoch not below one that workers were told of: they take no answer of an earlier one. A store that went back in time may have forgotten it.</summary>
    /// <exception cref="StoreUnavailableException">Another owner has it, at that epoch or a later one; or the store does not answer.</exception>
    public async ValueTask<OwnedPartition> OpenAsync(long lowestEpoch)
    {
        var open = await OpenAsync();
        if (open.Epoch >= lowestEpoch)
        {
            return open;
        }

        if (await OpenCheckedAsync() == open)
        {
            _lastEpoch = Math.Max(_lastEpoch, lowestEpoch - 1);
            End(open, new StoreRolledBackException(Key, lowestEpoch, open.Epoch));
        }

        return await OpenAsync();
    }

    /// <summary>The open partition, after the store was asked whether it still has what was left there; where it went back in time, the partition is read anew.</summary>
    /// <remarks>Commits notice it as well, but a partition that is idle makes none.</remarks>
    public async Task<OwnedPartition> OpenCheckedAsync()
    {
        var open = await OpenAsync();
        try
        {
            await Services.Store.CheckPartitionAsync(open.Lease);
        }
        catch (StoreRolledBackException exception)
        {
            End(open, exception);
        }
        catch (StaleEpochException exception)
        {
            End(open, exception);
            throw new StoreUnavailableException($"Partition {Key} changed its owner; ask again.", exception) { IsOfTheOwner = true };
        }

        return await OpenAsync();
    }

    /// <summary>Lets go of the partition; the store takes it out of the catalogue when it is empty.</summary>
    public async Task CloseAsync()
    {
        if (_open is { } open)
        {
            _open = null;
            open.HasEnded = true;
            await Services.Store.ClosePartitionAsync(open.Lease);
        }
    }

    private async Task<OwnedPartition> OpenOnceAsync()
    {
        OwnedPartition? opened = null;
        try
        {
            await Task.Yield(); // So that _opening is set before anything completes.
            var lease = await OpenStoreAsync();
            opened = new OwnedPartition(Key, lease, new GroupCommit(steps => CommitAsync(opened!, steps)));
            var counts = await Services.Store.CountAsync(Key);
            opened.Window.Reset(counts.LaneEntries);
            opened.Waiting = counts.Ready + counts.Due;
            foreach (var (name, count) in counts.Parked)
            {
                opened.Parked[name] = count;
            }

            await ReadRunningAsync(opened);
            if (Read is { } read)
            {
                await read(opened, _hasGoneBack);
            }

            _hasGoneBack = false;
            _open = opened;
            Log.PartitionOpened(Services.Logger, Key, lease.Epoch, counts.Ready, counts.Running, counts.Due);
            if (Opened is { } hook)
            {
                await hook(opened, counts);
            }

            return opened;
        }
        catch
        {
            // Half opened is closed: whoever comes next opens it anew, timers and rescue included.
            _open = null;
            if (opened is not null)
            {
                opened.HasEnded = true;
            }

            throw;
        }
        finally
        {
            _opening = null;
        }
    }

    /// <summary>Raises the epoch above all that were known here, also after the store went back to an earlier one: answers of ended epochs are told apart by it.</summary>
    private async Task<PartitionLease> OpenStoreAsync()
    {
        PartitionLease lease;
        do
        {
            lease = await Services.Store.OpenPartitionAsync(Key);
        }
        while (lease.Epoch <= _lastEpoch);

        _lastEpoch = lease.Epoch;
        return lease;
    }

    private async Task ReadRunningAsync(OwnedPartition opened)
    {
        foreach (var job in await Services.Store.ReadRunningAsync(Key))
        {
            if (job.Claim is not { } claim)
            {
                continue;
            }

            if (job.Record is { } record)
            {
                opened.Running[job.Id] = new RunningJob(record, claim);
            }
            else
            {
                Log.RecordUnreadable(Services.Logger, Key.JobId(job.Id), job.Unreadable ?? "");
                await opened.CommitAsync(JobTransitions.Bury(job.Id, JobPlace.Running, claim.Token, Services.Options.FailureTtl));
            }
        }
    }

    private async Task<StepAnswer[]> CommitAsync(OwnedPartition partition, IReadOnlyList<JobStep> steps)
    {
        var started = Services.Time.GetTimestamp();
        try
        {
            var answers = await Services.Store.CommitAsync(partition.Lease, steps);
            Services.Metrics.Committed(Services.Store.Kind, steps.Count, Services.Time.GetElapsedTime(started));
            return answers;
        }
        catch (Exception exception)
        {
            End(partition, exception);
            if (exception is StaleEpochException or StoreRolledBackException)
            {
                throw new StoreUnavailableException($"Partition {Key} changed its owner or was read anew; ask again under the same id.", exception) { IsOfTheOwner = true };
            }

            throw;
        }
    }

    private void End(OwnedPartition partition, Exception exception)
    {
        if (partition.HasEnded)
        {
            return;
        }

        partition.HasEnded = true;
        _open = _open == partition ? null : _open;
        _hasGoneBack |= exception is StoreRolledBackException;
        Log.PartitionClosed(Services.Logger, Key, partition.Epoch, exception.Message);
        if (exception is StaleEpochException && _open is null)
        {
            onLost();
        }
    }
}
