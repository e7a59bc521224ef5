using Krewe.Storage;

namespace Krewe.Queues;

/// <summary>Removes finished jobs beyond the queue's bound or past their time to live: after so many more have ended, and now and then.</summary>
/// <remarks>One run at a time, in small steps between which claims and finishes go. A run that fails is made up for by the next one.</remarks>
internal sealed class Purger(PartitionOwner owner, PartitionFlow flow)
{
    /// <summary>Jobs that end between two runs; each step of a run removes up to 256.</summary>
    private const int EndsPerRun = 1_000;
    private const int MaxStepsPerRun = 20;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private long _endedAtLastRun;
    private long _ranAt = owner.Services.Time.GetTimestamp();
    private bool _isRunning;

    /// <summary>Looks whether a run is due; returns at once.</summary>
    public void Look(OwnedPartition open)
    {
        var isDue = flow.EndedCount - _endedAtLastRun >= EndsPerRun || owner.Services.Time.GetElapsedTime(_ranAt) >= Interval;
        if (isDue && !_isRunning)
        {
            (_isRunning, _endedAtLastRun, _ranAt) = (true, flow.EndedCount, owner.Services.Time.GetTimestamp());
            RunAsync(open).Ignore();
        }
    }

    private async Task RunAsync(OwnedPartition open)
    {
        try
        {
            var max = Math.Max(1, owner.Services.Options.MaxFinished / flow.PartitionCount);
            for (var step = 0; step < MaxStepsPerRun && await owner.Services.Store.PurgeAsync(open.Lease, max); step++)
            {
                await Task.Yield();
            }
        }
        catch (Exception exception) when (exception is StoreUnavailableException or StaleEpochException or StoreRolledBackException)
        {
            Log.UpkeepFailed(owner.Services.Logger, owner.Key, exception.Message);
        }
        finally
        {
            _isRunning = false;
        }
    }
}
