using Krewe.Execution;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Dispatch;

/// <summary>Hands queued jobs to workers that ask.</summary>
/// <remarks>
/// <para>A job leaves the window, its claim is committed, then it is handed over. What each crash point leaves:</para>
/// <list type="bullet">
/// <item>before the commit: the job is ready in the store; the next owner's window has it again;</item>
/// <item>after the commit, before the answer arrives: the claim stands in the store and in <see cref="OwnedPartition.Running"/>. The worker's next call lists the
/// tokens it holds; a claim of an earlier call that is not among them was never received and is offered again under the same token;</item>
/// <item>the worker's silo dies: <see cref="Rescuer"/> voids the claim when membership says so, never by a clock.</item>
/// </list>
/// <para>Invariant across every await: a record is in the window, or in Running, or in exactly one claim call's hands.</para>
/// </remarks>
internal sealed class ClaimDesk(PartitionOwner owner, PartitionFlow flow, WorkerBells bells, Arrivals arrivals, Refiller refiller, Func<string, Task> unpark)
{
    /// <summary>Lost deliveries from which a job is a suspect.</summary>
    internal const int SuspectAt = 2;

    private const int MaxClaims = 200;
    private const int MaxRounds = 4;

    /// <summary>The commits under way that claim a suspect, by silo.</summary>
    private readonly Dictionary<string, Task> _takingSuspect = [];

    /// <inheritdoc cref="IDispatchGrain.ClaimAsync"/>
    public async Task<ClaimAnswer> ClaimAsync(ClaimRequest request)
    {
        var open = await owner.OpenAsync(request.LowestEpoch);
        if (bells.Meet(request, open.Epoch) is not { } worker)
        {
            return new ClaimAnswer { Claims = [], Epoch = open.Epoch, HasMore = true, HeadPriority = open.Window.HeadPriority, IsIntroductionNeeded = true };
        }

        if (request.Handlers is not null && open.Parked.Count > 0)
        {
            foreach (var name in open.Parked.Keys.Where(worker.Names.Contains).ToList())
            {
                unpark(name).Ignore();
            }
        }

        var call = new Call(request, worker, Reoffer(open, request));
        await arrivals.CollectAsync(open, worker, request, call.Claims);
        if (owner.Current != open)
        {
            return new ClaimAnswer { Claims = [], Epoch = open.Epoch, HasMore = true, IsIntroductionNeeded = true }; // What it claimed is offered again by the next epoch.
        }

        // A call that a later one has overtaken takes nothing more: nobody waits for its answer.
        var round = 0;
        while (round < MaxRounds && call.Claims.Count < call.Max && request.Sequence == worker.Sequence && await TakeAsync(open, call))
        {
            round++;
        }

        refiller.ReadAhead(open);
        if (call.SuspectUnderWay is { } underWay)
        {
            await Task.WhenAny(underWay); // Then the worker's next call is offered it.
        }

        if (call.HasMetSuspect)
        {
            LearnAsync(open).Ignore();
        }

        // Who is not told that there is more must be rung when there is, also when it got all it had slots for. A call that only parked others' jobs and dropped
        // stale entries was not told what lies behind them.
        var isAwaited = Arrivals.IsAwaited(open, worker);
        var hasMore = isAwaited || ((call.Claims.Count > 0 || round == MaxRounds) && open.Window.HasMore);
        if (!hasMore && request.Max > 0)
        {
            bells.Idles(worker);
        }

        if (!isAwaited)
        {
            worker.Spare = hasMore ? 0 : Math.Max(0, Math.Min(request.Spare, Arrivals.MaxSpare) - call.Claims.Count);
        }

        worker.KnownHead = open.Window.HeadPriority;
        return new ClaimAnswer { Claims = [.. call.Claims.Select(claim => AsOfNow(open, claim))], Epoch = open.Epoch, HasMore = hasMore, HeadPriority = worker.KnownHead, HasSuspect = call.HasSuspectAside, IsIntroductionNeeded = call.HasSuspectThere };
    }

    /// <summary>A claim with what was written of its job since it was made: somebody may have asked to cancel it, and told a worker that knew nothing of it.</summary>
    private static ClaimedJob AsOfNow(OwnedPartition open, ClaimedJob claim) =>
        open.Running.TryGetValue(claim.Record.Id, out var running) && running.Claim.Token == claim.Token && running.Record.IsCancelRequested ? new ClaimedJob(claim.Partition, running.Record, running.Claim) : claim;

    private List<ClaimedJob> Reoffer(OwnedPartition open, ClaimRequest request)
    {
        var claims = new List<ClaimedJob>();
        var held = request.Held is null ? null : new HashSet<string>(request.Held);
        if (held is null)
        {
            return claims;
        }

        foreach (var running in open.Running.Values)
        {
            if (running.Claim.Silo == request.Silo && running.Sequence < request.Sequence && !running.IsWithdrawn && !held.Contains(running.Claim.Token) && !open.Arrived.Contains(running))
            {
                running.Sequence = request.Sequence;
                claims.Add(new ClaimedJob(owner.Key, running.Record, running.Claim));
            }
        }

        return claims;
    }

    /// <summary>Learns which losses were cleared elsewhere: a suspect of this partition may be none by now.</summary>
    private async Task LearnAsync(OwnedPartition open)
    {
        if (await owner.Services.Cleared.LearnAsync())
        {
            flow.Ring(open);
        }
    }

    /// <summary>One round: takes from the window, commits, adds to the claims. False when there is nothing more to take now.</summary>
    private async Task<bool> TakeAsync(OwnedPartition open, Call call)
    {
        var hand = Pick(open, call);
        if (hand.Steps.Count == 0)
        {
            return await refiller.ReadAsync(open);
        }

        var answers = await CommitAsync(open, hand, call.Request.Silo);
        var now = owner.Services.Now;
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i].Result == StepResult.Taken)
            {
                Settle(open, call, hand, i, now);
            }
        }

        flow.TellWaiters();
        return call.Claims.Count < call.Max;
    }

    private async Task<StepAnswer[]> CommitAsync(OwnedPartition open, Hand hand, string silo)
    {
        var commit = open.CommitAsync(hand.Steps);
        if (!hand.Claims.Exists(static claim => claim is { IsSuspect: true }))
        {
            return await commit;
        }

        _takingSuspect[silo] = commit;
        try
        {
            return await commit;
        }
        finally
        {
            _takingSuspect.Remove(silo);
        }
    }

    private Hand Pick(OwnedPartition open, Call call)
    {
        var hand = new Hand();
        var now = owner.Services.Now;
        List<JobRecord>? aside = null;
        while (call.Claims.Count + hand.Steps.Count < call.Max && open.Window.Take() is { } next)
        {
            var job = owner.Services.Cleared.Of(next);
            if (job.ExpiresAt <= now)
            {
                hand.Add(JobTransitions.Expire(job, now), job, null);
            }
            else if (!call.Worker.Names.Contains(job.Name))
            {
                if (bells.IsHandled(job.Name) || !bells.HaveMet(owner.Services.Silo.ActiveSilos))
                {
                    (aside ??= []).Add(job);
                }
                else
                {
                    hand.Add(JobTransitions.Park(job, $"No live worker of queue '{owner.Key.Queue}' handles '{job.Name}'."), job, null);
                }
            }
            else if (job.LostDeliveries >= SuspectAt && !call.TryTakeSuspect(open, _takingSuspect))
            {
                (aside ??= []).Add(job);
            }
            else
            {
                var claim = owner.Services.NewClaim(job, call.Request.Silo, call.Request.WorkerName, now);
                hand.Add(JobTransitions.Claim(job, claim), job, claim);
            }
        }

        aside?.ForEach(open.Window.Return);
        return hand;
    }

    private void Settle(OwnedPartition open, Call call, Hand hand, int index, DateTimeOffset now)
    {
        var (step, job) = (hand.Steps[index], hand.Jobs[index]);
        open.Waiting--;
        if (hand.Claims[index] is { } claim)
        {
            open.Running[job.Id] = new RunningJob(job, claim) { Sequence = call.Request.Sequence };
            flow.Claimed(job, now);
            call.Claims.Add(new ClaimedJob(owner.Key, job, claim));
        }
        else if (step.To == JobPlace.Parked)
        {
            flow.Parked(open, step);
        }
        else
        {
            flow.Ended(open, step);
        }
    }

    /// <summary>One claim call: who asks, and what it gets.</summary>
    private sealed class Call(ClaimRequest request, WorkerBells.Known worker, List<ClaimedJob> claims)
    {
        private bool _mayTakeSuspect = request.CanTakeSuspect && !claims.Exists(claim => claim.Claim.IsSuspect);

        public ClaimRequest Request { get; } = request;

        public WorkerBells.Known Worker { get; } = worker;

        public List<ClaimedJob> Claims { get; } = claims;

        public int Max { get; } = Math.Min(request.Max, MaxClaims);

        public bool HasMetSuspect { get; private set; }

        public bool HasSuspectAside { get; private set; }

        /// <summary>Whether a suspect is claimed for the silo that it does not know of yet: it is to list what it holds, and is offered that one.</summary>
        public bool HasSuspectThere { get; private set; }

        /// <summary>The commit under way that claims it.</summary>
        public Task? SuspectUnderWay { get; private set; }

        /// <summary>Takes the one suspect that the call may have; of further ones, in later rounds too, it is told that they wait.</summary>
        public bool TryTakeSuspect(OwnedPartition open, Dictionary<string, Task> taking)
        {
            HasMetSuspect = true;
            if (!_mayTakeSuspect)
            {
                HasSuspectAside = true;
                return false;
            }

            // An earlier call of the silo, whose answer was lost, may have brought one.
            _mayTakeSuspect = false;
            SuspectUnderWay = taking.GetValueOrDefault(Request.Silo);
            HasSuspectThere = SuspectUnderWay is not null || open.Running.Values.Any(running => running.Claim.IsSuspect && running.Claim.Silo == Request.Silo);
            HasSuspectAside |= HasSuspectThere;
            return !HasSuspectThere;
        }
    }

    /// <summary>What one round commits: steps with their jobs, and the claim where the step is one.</summary>
    private sealed class Hand
    {
        public List<JobStep> Steps { get; } = [];

        public List<JobRecord> Jobs { get; } = [];

        public List<JobClaim?> Claims { get; } = [];

        public void Add(JobStep step, JobRecord job, JobClaim? claim)
        {
            Steps.Add(step);
            Jobs.Add(job);
            Claims.Add(claim);
        }
    }
}
