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
internal sealed class ClaimDesk(PartitionOwner owner, PartitionFlow flow, WorkerBells bells, Refiller refiller, Func<string, Task> unpark)
{
    /// <summary>Lost deliveries from which a job is a suspect.</summary>
    internal const int SuspectAt = 2;

    private const int MaxClaims = 200;
    private const int MaxRounds = 4;

    /// <inheritdoc cref="IDispatchGrain.ClaimAsync"/>
    public async Task<ClaimAnswer> ClaimAsync(ClaimRequest request)
    {
        var open = await owner.OpenAsync();
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

        var claims = Reoffer(open, request);
        var max = Math.Min(request.Max, MaxClaims);
        for (var round = 0; round < MaxRounds && claims.Count < max; round++)
        {
            if (!await TakeAsync(open, request, worker, max, claims))
            {
                break;
            }
        }

        refiller.ReadAhead(open);
        // Who is not told that there is more must be rung when there is, also when it got all it had slots for.
        var hasMore = claims.Count > 0 && open.Window.HasMore;
        if (!hasMore)
        {
            bells.Idles(worker);
        }

        worker.KnownHead = open.Window.HeadPriority;
        return new ClaimAnswer { Claims = [.. claims], Epoch = open.Epoch, HasMore = hasMore, HeadPriority = worker.KnownHead };
    }

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
            if (running.Claim.Silo == request.Silo && running.Sequence < request.Sequence && !held.Contains(running.Claim.Token))
            {
                running.Sequence = request.Sequence;
                claims.Add(new ClaimedJob(owner.Key, running.Record, running.Claim));
            }
        }

        return claims;
    }

    /// <summary>One round: takes from the window, commits, adds to the claims. False when there is nothing more to take now.</summary>
    private async Task<bool> TakeAsync(OwnedPartition open, ClaimRequest request, WorkerBells.Known worker, int max, List<ClaimedJob> claims)
    {
        var hand = Pick(open, request, worker, max, claims);
        if (hand.Steps.Count == 0)
        {
            return await refiller.ReadAsync(open);
        }

        var answers = await open.CommitAsync(hand.Steps);
        var now = owner.Services.Now;
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i].Result == StepResult.Taken)
            {
                Settle(open, request, hand, i, now, claims);
            }
        }

        flow.TellWaiters();
        return claims.Count < max;
    }

    private Hand Pick(OwnedPartition open, ClaimRequest request, WorkerBells.Known worker, int max, List<ClaimedJob> claims)
    {
        var hand = new Hand();
        var now = owner.Services.Now;
        var canTakeSuspect = request.CanTakeSuspect && !claims.Exists(claim => claim.Claim.IsSuspect); // Of earlier rounds too.
        List<JobRecord>? aside = null;
        while (claims.Count + hand.Steps.Count < max && open.Window.Take() is { } job)
        {
            if (job.ExpiresAt <= now)
            {
                hand.Add(JobTransitions.Expire(job, now), job, null);
            }
            else if (!worker.Names.Contains(job.Name))
            {
                if (bells.IsHandled(job.Name))
                {
                    (aside ??= []).Add(job);
                }
                else
                {
                    hand.Add(JobTransitions.Park(job, $"No live worker of queue '{owner.Key.Queue}' handles '{job.Name}'."), job, null);
                }
            }
            else if (job.LostDeliveries >= SuspectAt && !canTakeSuspect)
            {
                (aside ??= []).Add(job);
            }
            else
            {
                canTakeSuspect &= job.LostDeliveries < SuspectAt;
                var claim = NewClaim(job, request, now);
                hand.Add(JobTransitions.Claim(job, claim), job, claim);
            }
        }

        aside?.ForEach(open.Window.Return);
        return hand;
    }

    private JobClaim NewClaim(JobRecord job, ClaimRequest request, DateTimeOffset now) => new()
    {
        Token = owner.Services.NewToken(job.Deliveries + 1),
        Silo = request.Silo,
        ClusterId = owner.Services.Silo.ClusterId,
        MembershipVersion = owner.Services.Silo.MembershipVersion,
        ClaimedAt = now,
        WorkerName = request.WorkerName,
        IsSuspect = job.LostDeliveries >= SuspectAt,
    };

    private void Settle(OwnedPartition open, ClaimRequest request, Hand hand, int index, DateTimeOffset now, List<ClaimedJob> claims)
    {
        var (step, job) = (hand.Steps[index], hand.Jobs[index]);
        open.Waiting--;
        if (hand.Claims[index] is { } claim)
        {
            open.Running[job.Id] = new RunningJob(job, claim) { Sequence = request.Sequence };
            owner.Services.Metrics.Claimed(owner.Key.Queue, job.Name, now - (job.DueAt ?? job.EnqueuedAt));
            flow.Tell("job.claimed", job);
            claims.Add(new ClaimedJob(owner.Key, job, claim));
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
