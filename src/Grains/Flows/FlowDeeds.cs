using Krewe.Dispatch;

namespace Krewe.Flows;

/// <summary>Takes ends into a flow's plan, and does what the plan wants because of an event.</summary>
/// <remarks>What follows from an acknowledged event is owed, and is done in the background. Where it fails for good, the flow is read anew and asks the store, which leads to the same.</remarks>
/// <param name="members">Calls to the jobs.</param>
/// <param name="settling">Ends flows.</param>
/// <param name="announce">Wakes those who wait for news.</param>
/// <param name="services">Clock and log.</param>
internal sealed class FlowDeeds(MemberCalls members, FlowSettling settling, Action announce, FlowServices services)
{
    /// <summary>Ends that are kept back from the log, at most: they cost little to find again.</summary>
    private const int MaxUnwritten = 512;

    /// <summary>Writes what was kept back, or has the flow read anew.</summary>
    internal required IWakeTimer Later { get; init; }

    /// <summary>Takes ends; does what follows.</summary>
    internal async Task TakeEndsAsync(OpenFlow open, IEnumerable<(int Job, JobState State, int Run)> ends)
    {
        var isGrave = false;
        foreach (var (job, state, run) in ends)
        {
            if (open.Plan.End(job, state, run))
            {
                open.Ended(job, state);
                isGrave |= state != JobState.Succeeded;
            }
        }

        var acts = open.Plan.TakeActs();
        if (isGrave)
        {
            await open.FlushAsync(); // Which one was the first must not change any more before somebody is called because of it.
        }
        else if (open.UnwrittenEnds >= MaxUnwritten)
        {
            Do(open, open.FlushAsync);
        }
        else if (open.UnwrittenEnds > 0)
        {
            Later.Set(FlowTimes.WriteAfter);
        }

        Do(open, acts);
    }

    /// <summary>Does what the plan wants, and settles the flow when it has ended.</summary>
    internal void Do(OpenFlow open, FlowActs acts)
    {
        announce();
        if (acts.Start.Count > 0)
        {
            Do(open, () => StartAsync(open, acts.Start, isOwed: true));
        }

        if (acts.Cancel.Count > 0)
        {
            Do(open, () => members.CancelAsync(open, acts.Cancel));
        }

        if (open.Plan is { IsFinal: true, IsSealed: true } or { IsFinal: true, IsCancelled: true } && !open.IsClosed)
        {
            Do(open, () => settling.SettleAsync(open));
        }
    }

    /// <summary>Starts jobs. One that cannot be enqueued has failed; one that was cancelled meanwhile is cancelled, since whoever cancelled it did not find it.</summary>
    internal async Task StartAsync(OpenFlow open, IReadOnlyList<(int Job, int Cause)> starts, bool isOwed)
    {
        var failed = await members.StartAsync(open, starts, isOwed);
        int[] stopped = [.. starts.Select(static start => start.Job).Where(job => open.Plan.At(job).State == JobState.Running && open.Plan.Nodes.IsStopped(job))];
        if (stopped.Length > 0)
        {
            Do(open, () => members.CancelAsync(open, stopped));
        }

        if (failed.Count > 0)
        {
            failed.ToList().ForEach(job => open.Explain(job.Job, job.Reason));
            await TakeEndsAsync(open, failed.Select(job => (job.Job, JobState.Failed, open.Plan.Run)));
        }
    }

    /// <summary>Does something in the background.</summary>
    internal void Do(OpenFlow open, Func<Task> action) => GuardAsync(open, action).Ignore();

    /// <summary>Does something; where it fails, the flow is read anew a moment later.</summary>
    internal async Task GuardAsync(OpenFlow open, Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception exception)
        {
            // Broad: whatever it was, the flow is read anew, asks the store, and goes on from there.
            Log.UpkeepFailed(services.Logger, open.Id, exception.Message);
            open.Void();
            Later.Set(FlowTimes.AgainAfter);
        }
    }
}
