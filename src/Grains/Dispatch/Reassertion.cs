using Krewe.Execution;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Dispatch;

/// <summary>Puts claims back that live silos hold and the store has lost, before a partition that is opened hands out anything.</summary>
/// <remarks>
/// <para>A store can go back in time: a failover to a replica that was behind, a crash that cost the last second. A job that was claimed in that second lies ready again while
/// its handler runs. So whoever opens a partition asks all live silos what they hold of it. After a store that is known to have gone back (a commit met another revision) it
/// waits until each has answered or is dead by membership; at any other opening a silo that does not answer at once is passed over, for then there is mostly nothing to find.</para>
/// <para>Silos tell tokens; whole jobs are fetched only of those that are to be put back, a few at a time, for a job may have a megabyte of args and a silo may hold thousands.</para>
/// <para>A claim that is told is put back when the store has not yet seen the end of its delivery: deliveries are numbered by <see cref="JobRecord.Deliveries"/> and the
/// number is part of the token, so a claim whose outcome was recorded before the answer arrived is told by it. What the store has of the job decides how:</para>
/// <list type="table">
/// <item><term>ready, due, parked</term><description>it is claimed under the old token</description></item>
/// <item><term>running under an earlier delivery's token</term><description>that claim is taken back, then as above</description></item>
/// <item><term>running under another token of the same or a later delivery</term><description>left: the store's claim holds, the outcome of the other is fenced</description></item>
/// <item><term>a dead letter</term><description>it had been redriven: redriven again, then as above</description></item>
/// <item><term>done</term><description>left: what the store says has happened</description></item>
/// <item><term>nothing</term><description>it is added again, claimed; the silo has all of it. A unique key that another job has taken meanwhile stays with that one</description></item>
/// </list>
/// <para>What is known of the job from then on, in the store too, is what the silo has, which is newer: its attempts and their errors. A silo that has listed its tokens takes no claim any more from an answer of an earlier epoch. Of two silos that hold the same job, the later delivery counts.
/// A crash between two of these steps leaves a job in one of the rows above, and the next owner goes on.</para>
/// </remarks>
internal sealed class Reassertion(PartitionKey key, OwnerServices services, IClaimKeepers keepers)
{
    /// <summary>Whole jobs in one answer of a silo: at a megabyte each, still one message.</summary>
    private const int MaxTold = 32;

    /// <summary>Asks and puts back.</summary>
    /// <param name="opened">The partition, its running jobs read; it serves nobody yet.</param>
    /// <param name="hasGoneBack">Whether the store is known to have gone back in time.</param>
    public async Task PutBackAsync(OwnedPartition opened, bool hasGoneBack)
    {
        if (services.Store.IsExclusive)
        {
            return;
        }

        var missing = (await keepers.HeldAsync(key, opened.Epoch, hasGoneBack))
            .Where(held => !opened.Running.TryGetValue(held.Id, out var known) || DeliveryOf(held.Token) > DeliveryOf(known.Claim.Token))
            .GroupBy(held => held.Id, (_, claims) => claims.MaxBy(held => DeliveryOf(held.Token))!)
            .ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var count = 0;
        var found = await services.Store.FindAsync(key, missing.ConvertAll(held => held.Id));
        var lost = missing.Zip(found).Where(pair => IsLost(pair.First, pair.Second)).ToDictionary(pair => pair.First, pair => pair.Second);
        foreach (var silo in lost.Keys.GroupBy(held => held.Silo))
        {
            foreach (var chunk in silo.Chunk(MaxTold))
            {
                var told = (await keepers.TellAsync(silo.Key, [.. chunk.Select(held => held.Token)], hasGoneBack)).ToDictionary(job => job.Token);
                count += await PutBackAsync(opened, [.. chunk.Where(held => told.ContainsKey(held.Token)).Select(held => new Lost(told[held.Token], lost[held])).Where(claim => claim.Stored is not null || hasGoneBack || IsYoung(claim.Held))]);
            }
        }

        if (count > 0)
        {
            Log.ClaimsPutBack(services.Logger, count, key);
        }
    }

    private static bool IsLost(HeldToken held, StoredJob? stored) =>
        stored is null || (stored is { Record: { } record } and not { Place: JobPlace.Done } and not { Place: JobPlace.Running, Claim: null } && record.Deliveries < DeliveryOf(held.Token) && record.Token != held.Token);

    /// <summary>Whether a job that ended since its claim would still have left a tombstone.</summary>
    private bool IsYoung(ClaimedJob job) => services.Now - job.Claim.ClaimedAt < JobLifetimes.TombstoneTtl;

    private async Task<int> PutBackAsync(OwnedPartition opened, Lost[] lost)
    {
        await TakeAsync(opened, lost, claim => claim.Stored is { } stored ? WayToReady(opened, stored) : Readd(opened, claim.Held));
        await TakeAsync(opened, lost, claim => (claim.Stored, claim.Result) switch
        {
            (not null, StepResult.Taken) => JobTransitions.Claim(claim.Held.Record, claim.Held.Claim) with { Record = claim.Record },
            (null, StepResult.UniqueHeld) => Readd(opened, claim.Held) with { Unique = null },
            _ => null,
        });

        var back = lost.Where(claim => claim.Result == StepResult.Taken).ToList();
        back.ForEach(claim => Settle(opened, claim));
        return back.Count;
    }

    /// <summary>Takes a step of each, in one commit. One that has none stays as it is.</summary>
    private static async Task TakeAsync(OwnedPartition opened, Lost[] lost, Func<Lost, JobStep?> stepOf)
    {
        var taken = new List<Lost>(lost.Length);
        var steps = new List<JobStep>(lost.Length);
        foreach (var claim in lost)
        {
            if (stepOf(claim) is { } step)
            {
                claim.Position = step.IsAtTail ? step.Record!.Position : claim.Position;
                taken.Add(claim);
                steps.Add(step);
            }
        }

        var answers = steps.Count == 0 ? [] : await opened.CommitAsync(steps);
        for (var i = 0; i < answers.Length; i++)
        {
            taken[i].Result = answers[i].Result;
        }
    }

    /// <summary>What brings a job to where it can be claimed; null: it lies there.</summary>
    private JobStep? WayToReady(OwnedPartition opened, StoredJob stored) => stored.Place switch
    {
        JobPlace.Running => JobTransitions.Recall(stored.Record!, stored.Claim!),
        JobPlace.Due => JobTransitions.Promote(stored.Record!, opened.NextPosition()),
        JobPlace.Parked => JobTransitions.Unpark(stored.Record!, opened.NextPosition()),
        JobPlace.Dead => JobTransitions.Redrive(stored.Record!, JobPlace.Dead, opened.NextPosition(), services.Now),
        _ => null,
    };

    private static JobStep Readd(OwnedPartition opened, ClaimedJob held) => JobTransitions.Readd(held.Record with { Position = opened.NextPosition() }, held.Claim);

    private static void Settle(OwnedPartition opened, Lost claim)
    {
        if (claim.Stored is { Place: JobPlace.Ready or JobPlace.Due or JobPlace.Parked } stored)
        {
            opened.Left(stored.Place, claim.Record.Name);
        }

        opened.Running[claim.Record.Id] = new RunningJob(claim.Record, claim.Held.Claim);
    }

    /// <summary>The number before the dash; 0 for a token that has none.</summary>
    private static int DeliveryOf(string token) => int.TryParse(token.AsSpan(0, Math.Max(0, token.IndexOf('-'))), out var delivery) ? delivery : 0;

    /// <summary>A claim on its way back.</summary>
    private sealed class Lost(ClaimedJob held, StoredJob? stored)
    {
        /// <summary>What the silo has.</summary>
        public ClaimedJob Held { get; } = held;

        /// <summary>What the store has of the job; null: nothing.</summary>
        public StoredJob? Stored { get; } = stored;

        /// <summary>Where the job's entry lies.</summary>
        public long Position { get; set; } = stored?.Position ?? 0;

        /// <summary>The job as the silo knows it, at that place.</summary>
        public JobRecord Record => Held.Record with { State = JobState.Queued, DueAt = null, Position = Position, IsCancelRequested = Held.Record.IsCancelRequested || Stored?.Record?.IsCancelRequested == true };

        /// <summary>What the store said to its last step.</summary>
        public StepResult Result { get; set; }
    }
}
