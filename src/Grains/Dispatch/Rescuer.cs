using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Dispatch;

/// <summary>Voids the claims of silos that are no longer members, and sends their jobs round again.</summary>
/// <remarks>
/// <para>A claim is void when membership, at a version not older than the claim's, says that its silo is dead; or, in a store that is exclusive to one process,
/// when its silo is not this one. Time plays no part. A claim of a foreign cluster is reported and left to an operator.</para>
/// <para>Crash loops end (design note of the counters): a delivery lost with its silo after the handler had started is counted. From
/// <see cref="ClaimDesk.SuspectAt"/> on the job is a suspect, of which a silo runs one at a time; only a loss while it was that one, at <c>MaxDeliveries</c> or
/// more, makes it a dead letter, and then its losses are cleared (<see cref="ClearedLosses"/>): they count no longer for whoever shared them. They are cleared
/// before the dead letter is written: when this silo dies between the two, the next owner finds the same claim void and does both again.</para>
/// </remarks>
internal sealed class Rescuer(PartitionOwner owner, PartitionFlow flow, IClaimJudge judge)
{
    private readonly HashSet<string> _foreignReported = [];

    /// <summary>Rescues what can be rescued now.</summary>
    public async Task RescueAsync(OwnedPartition open)
    {
        if (open.Running.Count == 0)
        {
            return;
        }

        await judge.RefreshAsync();
        _foreignReported.IntersectWith(open.Running.Values.Select(running => running.Claim.Token));
        var lost = open.Running.Values.Where(running => running.Record.State.IsKnown() && IsVoid(running.Claim)).OrderBy(running => running.Record.Position).ToList();
        if (lost.Count == 0)
        {
            return;
        }

        if (lost.Exists(running => running.Record.LostDeliveries > 0))
        {
            await owner.Services.Cleared.LearnAsync();
        }

        var steps = lost.ConvertAll(running => StepOf(open, running));
        await ClearAsync(lost, steps);
        for (var i = 0; i < steps.Count; i++)
        {
            // Somebody may have asked to cancel it meanwhile.
            steps[i] = lost[i].Record.IsCancelRequested ? StepOf(open, lost[i]) : steps[i];
        }

        var answers = await open.CommitAsync(steps);
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i].Result == StepResult.Taken)
            {
                Settle(open, lost[i], steps[i]);
            }
        }

        Log.ClaimsRescued(owner.Services.Logger, lost.Count, owner.Key, lost[0].Claim.Silo);
        flow.TellWaiters();
        flow.Ring(open);
    }

    private JobStep StepOf(OwnedPartition open, RunningJob running) => open.Withdraw(running)
        ? JobTransitions.Recall(running.Record, running.Claim)
        : JobTransitions.Rescue(owner.Services.Cleared.Of(running), running.Claim, owner.Services.Transition());

    private bool IsVoid(JobClaim claim)
    {
        if (owner.Services.Store.IsExclusive)
        {
            return claim.Silo != owner.Services.Silo.Address;
        }

        if (claim.ClusterId != owner.Services.Silo.ClusterId)
        {
            if (_foreignReported.Add(claim.Token))
            {
                Log.ClaimForeign(owner.Services.Logger, owner.Key, claim.ClusterId, claim.Silo);
            }

            return false;
        }

        return judge.IsDead(claim.Silo, claim.MembershipVersion);
    }

    private void Settle(OwnedPartition open, RunningJob running, JobStep step)
    {
        open.Running.Remove(step.Id);
        owner.Services.Metrics.Rescued(owner.Key.Queue, running.Record.Name);
        if (step.To == JobPlace.Ready)
        {
            open.Waiting++;
            flow.Queued(open, step);
        }
        else
        {
            flow.Ended(open, step);
        }
    }

    /// <summary>A suspect that was lost while it was the one of its silo is the culprit of all its losses, as far as anybody knows.</summary>
    private async Task ClearAsync(List<RunningJob> lost, List<JobStep> steps)
    {
        var losses = new HashSet<string>();
        for (var i = 0; i < steps.Count; i++)
        {
            if (lost[i].Claim.IsSuspect && steps[i] is { Verb: JobVerb.Fail, Record: { LostDeliveries: >= ClaimDesk.SuspectAt } culprit })
            {
                losses.UnionWith(culprit.LostWith ?? []);
            }
        }

        if (losses.Count > 0)
        {
            await owner.Services.Cleared.AddAsync(losses);
        }
    }
}

/// <summary>Says whether a silo is dead, by the cluster's membership.</summary>
internal interface IClaimJudge
{
    /// <summary>Reads membership anew, so that the judgement is not older than the claims.</summary>
    Task RefreshAsync();

    /// <summary>Whether a silo (parsable, with generation) that was seen alive at a membership version is dead now.</summary>
    bool IsDead(string silo, long seenAtVersion);
}
