using System.Collections.Frozen;
using Krewe.Jobs;
using Krewe.Queues;
using Microsoft.Extensions.Logging;

namespace Krewe.Dispatch;

/// <summary>The silos for whose death a culprit was found, as this silo knows them. A loss with such a silo counts no longer, for no job of any partition.</summary>
/// <remarks>
/// <para>A job's record says with which silos it was lost. Clearing it would mean to find it: it may lie in any place of any partition, far behind the head. So nothing is
/// rewritten; what is kept is the silos, few and short, and whoever reads a record to decide about it asks here first. The next step of the job writes what it then
/// is. A record that is final tells what happened: nothing is cleared of it.</para>
/// <para>They are kept by <see cref="IClearedLossesGrain"/>. Another silo learns them when it meets a suspect, at most every <see cref="LearnInterval"/>; until then the
/// suspect waits for its turn as the one of its silo. When they cannot be stored, only this silo knows them: innocents run one at a time for longer.</para>
/// </remarks>
internal sealed class ClearedLosses(IGrainFactory grains, TimeProvider time, ILogger<ClearedLosses> logger)
{
    private const int MaxSilos = 2 * ClearedLossesGrain.MaxSilos;

    internal static readonly TimeSpan LearnInterval = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private FrozenSet<string> _silos = [];
    private long? _learntAt;

    /// <summary>A record without the losses that are cleared.</summary>
    public JobRecord Of(JobRecord record) => record.LostDeliveries == 0 ? record : Of(record, _silos);

    /// <summary>A running job without the losses that are cleared. The one suspect of a silo for whose death a culprit was found is that culprit: the step that buries it was not written, and needs them all.</summary>
    public JobRecord Of(RunningJob running) => running.Claim.IsSuspect && _silos.Contains(running.Claim.Silo) ? running.Record : Of(running.Record);

    /// <summary>A record without its losses with these silos. Pure.</summary>
    internal static JobRecord Of(JobRecord record, FrozenSet<string> silos)
    {
        if (record.State.IsFinal())
        {
            return record;
        }

        var left = record.LostWith?.Where(silo => !silos.Contains(silo)).ToList() ?? [];
        var gone = (record.LostWith?.Count ?? 0) - left.Count;
        return gone == 0 ? record : record with { LostDeliveries = Math.Max(0, record.LostDeliveries - gone), LostWith = left.Count > 0 ? left : null };
    }

    /// <summary>The culprit of these losses is found.</summary>
    public async Task AddAsync(IReadOnlyCollection<string> silos)
    {
        Know([.. silos]);
        try
        {
            Know(await Grain.AddAsync([.. silos]));
        }
        catch (Exception exception)
        {
            Log.LossesNotStored(logger, silos.Count, exception.Message); // Whatever it was, the rescue goes on.
        }
    }

    /// <summary>Asks what was cleared elsewhere, unless it was asked just now.</summary>
    /// <returns>Whether there was something new.</returns>
    public async Task<bool> LearnAsync()
    {
        lock (_lock)
        {
            if (_learntAt is { } at && time.GetElapsedTime(at) < LearnInterval)
            {
                return false;
            }

            _learntAt = time.GetTimestamp();
        }

        try
        {
            return Know(await Grain.ListAsync());
        }
        catch (Exception exception)
        {
            Log.LossesNotKnown(logger, exception.Message);
            return false;
        }
    }

    private IClearedLossesGrain Grain => grains.GetGrain<IClearedLossesGrain>("all");

    private bool Know(string[] silos)
    {
        lock (_lock)
        {
            if (Array.TrueForAll(silos, _silos.Contains))
            {
                return false;
            }

            // What is kept for all is bounded and forgets the oldest; so does this, now and then.
            _silos = _silos.Count + silos.Length > MaxSilos ? silos.ToFrozenSet() : _silos.Union(silos).ToFrozenSet();
            return true;
        }
    }
}
