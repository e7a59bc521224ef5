using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Dispatch;

/// <summary>Fills the window from the store: one read at a time, bounded, ahead of the claims where there is room.</summary>
/// <remarks>Jobs in a state that only a newer version knows are passed by: they stay in their lane for an owner that does.</remarks>
internal sealed class Refiller(PartitionOwner owner)
{
    private const int EntriesPerRead = 500;

    /// <summary>Reads the lane that a claim waits for.</summary>
    /// <returns>Whether anything was read, so that it is worth taking again.</returns>
    public async Task<bool> ReadAsync(OwnedPartition open)
    {
        if (open.Refill is null && !Begin(open))
        {
            return false;
        }

        await open.Refill!;
        return true;
    }

    /// <summary>Starts a read in the background when the window runs low; a failure is left to the next claim.</summary>
    public void ReadAhead(OwnedPartition open)
    {
        if (open.Refill is null)
        {
            Begin(open);
        }
    }

    private bool Begin(OwnedPartition open)
    {
        if (open.Window.LaneToRead() is not { } lane)
        {
            return false;
        }

        open.Refill = ReadLaneAsync(open, lane, open.Window.BeginRead(lane));
        open.Refill.Ignore();
        return true;
    }

    private async Task ReadLaneAsync(OwnedPartition open, int lane, long after)
    {
        try
        {
            await Task.Yield(); // So that Refill is set before this can end.
            var page = await owner.Services.Store.ReadLaneAsync(owner.Key, lane, after, EntriesPerRead);
            var readable = page.Jobs.Where(job => job.Record is { State: var state } && state.IsKnown() && !open.Running.ContainsKey(job.Id)).Select(job => job.Record!);
            open.Window.EndRead(lane, readable, page.LastPosition, page.IsEnd);
            await BuryAsync(open, page);
        }
        catch
        {
            open.Window.AbandonRead(lane);
            throw;
        }
        finally
        {
            open.Refill = null;
        }
    }

    private async Task BuryAsync(OwnedPartition open, LanePage page)
    {
        foreach (var job in page.Jobs.Where(job => job.Record is null))
        {
            Log.RecordUnreadable(owner.Services.Logger, owner.Key.JobId(job.Id), job.Unreadable ?? "");
            if ((await open.CommitAsync(JobTransitions.Bury(job.Id, JobPlace.Ready, null, owner.Services.Options.FailureTtl))).Result == StepResult.Taken)
            {
                open.Waiting--;
            }
        }
    }
}
