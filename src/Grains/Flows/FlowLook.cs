namespace Krewe.Flows;

/// <summary>Looks after a flow from time to time: asks the store how the jobs stand of which nothing was heard, and repeats what is owed.</summary>
/// <remarks>
/// Of each job that runs in the plan the store says one of these; whatever a crash, a lost message or a lost call left behind is one of them:
/// <list type="bullet">
/// <item>it ended in this run: its end is taken;</item>
/// <item>it is there and has not ended: nothing, or a cancel where it lies in what was cancelled;</item>
/// <item>it is not there, or ended in an earlier run, or its id is another job's: its start was lost, and is repeated; where it lies in what was cancelled, it ends as Cancelled.</item>
/// </list>
/// A job that is being started at this moment is left out. Jobs that came with a flow that has not all arrived are the client's to send again.
/// </remarks>
internal sealed class FlowLook(FlowServices services, FlowDeeds deeds, MemberCalls members)
{
    private readonly FlowUpkeepClock _clock = new(services);
    private bool _isLooking;

    /// <summary>Something was told.</summary>
    internal void Heard() => _clock.Heard();

    /// <summary>The flow's client sent something.</summary>
    internal void Sent() => _clock.Sent();

    /// <summary>Whether the flow's client has sent nothing for so long that it must be gone.</summary>
    internal bool IsAbandoned(OpenFlow open) => open.Plan is { IsSealed: false, IsCancelled: false } && _clock.IsUnsentFor(FlowTimes.UnsealedFor);

    /// <summary>Looks, in the background, where that is due.</summary>
    internal void LookWhenDue(OpenFlow open)
    {
        if (_clock.IsLookDue())
        {
            Look(open);
        }

        if (_clock.IsRenewalDue(open.Opened.CreatedAt))
        {
            _clock.Renewed();
            deeds.Do(open, () => members.KeepAsync(open, open.Plan.IsFinal ? open.KeepFor : FlowTimes.MemberTtl));
        }
    }

    /// <summary>Looks now, in the background.</summary>
    internal void Look(OpenFlow open)
    {
        if (!_isLooking)
        {
            _isLooking = true;
            deeds.Do(open, () => LookAsync(open));
        }
    }

    private async Task LookAsync(OpenFlow open)
    {
        try
        {
            _clock.Looked();
            var found = await members.FindAsync(open, open.Plan.Nodes.Running(open.Plan.Live));
            var ended = found.Where(job => job.End is not null && job.Run >= open.Plan.At(job.Job).Run).Select(static job => (job.Job, job.End!.Value, job.Run)).ToList();
            if (ended.Count > 0)
            {
                Log.EndsFound(services.Logger, open.Id, ended.Count);
            }

            await deeds.TakeEndsAsync(open, ended);
            var lost = found.Where(job => IsLost(open, job)).Select(static job => job.Job).ToList();
            await deeds.TakeEndsAsync(open, lost.Where(open.Plan.Nodes.IsStopped).Select(job => (job, JobState.Cancelled, open.Plan.Run)).ToList());
            deeds.Do(open, new FlowActs(
                [.. lost.Where(job => open.Plan.At(job) is { State: JobState.Running } node && (open.Plan.IsSealed || node.Job is not null)).Select(static job => (job, -1))],
                [.. open.Plan.Nodes.Running(open.Plan.Live).Where(open.Plan.Nodes.IsStopped)]));
        }
        finally
        {
            _isLooking = false;
        }
    }

    /// <summary>Whether the start of a job was lost.</summary>
    private static bool IsLost(OpenFlow open, (int Job, JobState? End, int Run) found) =>
        open.Plan.At(found.Job) is { State: JobState.Running } node && (found.End is null || found.Run < node.Run) && !open.Starting.Contains(found.Job);
}
