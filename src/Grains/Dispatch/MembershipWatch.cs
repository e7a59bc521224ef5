using Krewe.Hosting;
using Krewe.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Krewe.Dispatch;

/// <summary>Restores the cluster's membership table when it was lost under a running silo. One per silo.</summary>
/// <remarks>
/// <para>Silos whose table is gone go on, but can declare nobody dead; and a silo that starts then founds a second cluster of the same name beside them. So each silo keeps
/// what it read last, and when its own row is missing puts back every row that it knows (<see cref="LostTable"/>).</para>
/// <para>Only then is the table's version raised above that of the cluster. Before, no silo of the old cluster takes the table for news: it would read the absence of a
/// peer's row as its death, and run its jobs a second time. A silo that started alone sees the others as soon as the version rises, and is seen by them.</para>
/// <para>All silos do this at once; a write that meets another's is refused by the table and made anew. Where it does not succeed for <see cref="Patience"/>, the silo
/// stops as for a signal: it drains, and what starts in its place joins the table that is there. A cluster without a table of its own is not watched.</para>
/// </remarks>
internal sealed class MembershipWatch(
    IServiceProvider services, IJobStore store, IClusterMembershipService membership, SiloIdentity silo, IHostApplicationLifetime host, TimeProvider time, ILogger<MembershipWatch> logger) : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private MembershipTableData? _known;

    /// <summary>Watches until <see cref="StopAsync"/>.</summary>
    public void Start()
    {
        if (!store.IsExclusive && services.GetService<IMembershipTable>() is { } table)
        {
            _loop = Task.Run(() => WatchAsync(table));
        }
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loop;
    }

    public void Dispose() => _stop.Dispose();

    private async Task WatchAsync(IMembershipTable table)
    {
        long? lostAt = null;
        do
        {
            try
            {
                if (await LookAsync(table))
                {
                    lostAt = null;
                    continue;
                }
            }
            catch (Exception exception)
            {
                // Mostly the store is away: that alone loses no table. It is looked at again.
                Log.MembershipNotRead(logger, exception.Message);
                continue;
            }

            lostAt ??= time.GetTimestamp();
            if (time.GetElapsedTime(lostAt.Value) >= Patience)
            {
                Log.MembershipNotRestored(logger, Patience);
                host.StopApplication();
                return;
            }
        }
        while (await PausesAsync());
    }

    /// <summary>Whether this silo is in the table, or is again.</summary>
    private async Task<bool> LookAsync(IMembershipTable table)
    {
        var read = await ReadAsync(table);
        if (LostTable.Has(read, silo.SiloAddress))
        {
            _known = read;
            if (read.Version.Version > membership.CurrentSnapshot.Version.Value)
            {
                await membership.Refresh(); // Peers put their rows back, and Orleans itself looks once a minute.
            }

            return true;
        }

        if (_known is not { } known)
        {
            return true; // Nothing is known to put back; the start has not written the row yet.
        }

        Log.MembershipLost(logger, known.Members.Count);
        while (!_stop.IsCancellationRequested && LostTable.NextRow(known, read, membership.CurrentSnapshot, silo.SiloAddress) is { } row)
        {
            _ = row.IsMissing ? await table.InsertRowAsync(row.Entry, read.Version.Next(), _stop.Token) : await table.UpdateRowAsync(row.Entry, row.ETag, read.Version.Next(), _stop.Token);
            read = await ReadAsync(table); // Whether it was written, or another silo was first: the table tells.
        }

        if (!LostTable.IsRestored(read, membership.CurrentSnapshot, silo.SiloAddress))
        {
            return false;
        }

        await membership.Refresh();
        Log.MembershipRestored(logger, read.Members.Count, read.Version.Version);
        return true;
    }

    private async Task<MembershipTableData> ReadAsync(IMembershipTable table)
    {
        await table.InitializeMembershipTableAsync(true, _stop.Token); // Writes a version where there is none, and nothing else.
        return await table.ReadAllAsync(_stop.Token);
    }

    private async Task<bool> PausesAsync()
    {
        try
        {
            await Task.Delay(LookInterval, time, _stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
