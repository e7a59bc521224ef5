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
/// <para>A claim that is told is put back when the store has not yet seen the end of its delivery: deliveries are numbered by <see cref="JobRecord.Deliveries"/> and the
/// number is part of the token, so a claim whose outcome was recorded before the answer arrived is told by it. What the store has of the job decides how:</para>
/// <list type="table">
/// <item><term>ready, due, parked</term><description>it is claimed under the old token</description></item>
/// <item><term>running under an earlier delivery's token</term><description>that claim is taken back, then as above</description></item>
/// <item><term>running under another token of the same or a later delivery</term><description>left: the store's claim holds, the outcome of the other is fenced</description></item>
/// <item><term>final</term><description>left: what the store says has happened</description></item>
/// <item><term>nothing</term><description>it is added again, claimed; the silo has all of it</description></item>
/// </list>
/// <para>A crash between two of these steps leaves a job in one of the rows above, and the next owner goes on.</para>
/// </remarks>
internal sealed class Reassertion(PartitionKey key, OwnerServices services, IClaimKeepers keepers)
{
    /// <summary>Asks and puts back.</summary>
    /// <param name="opened">The partition, its running jobs read; it serves nobody yet.</param>
    /// <param name="hasGoneBack">Whether the store is known to have gone back in time.</param>
    public async Task PutBackAsync(OwnedPartition opened, bool hasGoneBack)
    {
        if (services.Store.IsExclusive)
        {
            return;
        }

        var lost = new List<ClaimedJob>();
        foreach (var job in await keepers.HeldAsync(key, hasGoneBack))
        {
            var known = opened.Running.GetValueOrDefault(job.Record.Id);
            if (known is null || DeliveryOf(job.Token) > DeliveryOf(known.Claim.Token))
            {
                lost.Add(job);
            }
        }

        if (lost.Count == 0)
        {
            return;
        }

        var count = 0;
        var found = await services.Store.FindAsync(key, [.. lost.Select(job => job.Record.Id)]);
        for (var i = 0; i < lost.Count; i++)
        {
            count += await PutBackAsync(opened, lost[i], found[i]) ? 1 : 0;
        }

        if (count > 0)
        {
            Log.ClaimsPutBack(services.Logger, count, key);
        }
    }

    private static async Task<bool> PutBackAsync(OwnedPartition opened, ClaimedJob job, StoredJob? stored)
    {
        if (stored is null)
        {
            return await AddAsync(opened, job);
        }

        if (stored.Record is not { } record || record.Deliveries >= DeliveryOf(job.Token))
        {
            return false;
        }

        var isReady = stored.Place switch
        {
            JobPlace.Ready => true,
            JobPlace.Running => await TakeAsync(opened, JobTransitions.Recall(record, stored.Claim!)),
            JobPlace.Due => await TakeAsync(opened, JobTransitions.Promote(record, opened.NextPosition())),
            JobPlace.Parked => await TakeAsync(opened, JobTransitions.Unpark(record, opened.NextPosition())),
            _ => false,
        };
        if (!isReady || !await TakeAsync(opened, JobTransitions.Claim(record, job.Claim)))
        {
            return false;
        }

        if (stored.Place != JobPlace.Running)
        {
            opened.Left(stored.Place, record.Name);
        }

        opened.Running[record.Id] = new RunningJob(record, job.Claim);
        return true;
    }

    private static async Task<bool> AddAsync(OwnedPartition opened, ClaimedJob job)
    {
        var record = job.Record with { Position = opened.NextPosition() };
        var isAdded = await TakeAsync(opened, JobTransitions.Readd(record, job.Claim));
        if (isAdded)
        {
            opened.Running[record.Id] = new RunningJob(record, job.Claim);
        }

        return isAdded;
    }

    private static async Task<bool> TakeAsync(OwnedPartition opened, JobStep step) => (await opened.CommitAsync(step)).Result == StepResult.Taken;

    /// <summary>The number before the dash; 0 for a token that has none.</summary>
    private static int DeliveryOf(string token) => int.TryParse(token.AsSpan(0, Math.Max(0, token.IndexOf('-'))), out var delivery) ? delivery : 0;
}

/// <summary>The live silos, as those who hold claims.</summary>
internal interface IClaimKeepers
{
    /// <summary>What all live silos hold of a partition.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="mustHearAll">Whether to ask until each has answered or is dead; else a silo that does not answer within a second is passed over.</param>
    Task<IReadOnlyList<ClaimedJob>> HeldAsync(PartitionKey partition, bool mustHearAll);
}

/// <summary>Asks the workers of all active silos.</summary>
internal sealed class ClaimKeepers(IWorkerServices workers, IClusterMembershipService membership, TimeProvider time) : IClaimKeepers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task<IReadOnlyList<ClaimedJob>> HeldAsync(PartitionKey partition, bool mustHearAll)
    {
        if (mustHearAll)
        {
            await membership.Refresh();
        }

        var silos = membership.CurrentSnapshot.Members.Values.Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping);
        var answers = await Task.WhenAll(silos.Select(silo => AskAsync(silo.SiloAddress, partition, mustHearAll)));
        return [.. answers.SelectMany(static answer => answer)];
    }

    private async Task<ClaimedJob[]> AskAsync(SiloAddress silo, PartitionKey partition, bool mustHearAll)
    {
        while (true)
        {
            try
            {
                return await workers.On(silo).HeldAsync(partition).WaitAsync(Patience, time);
            }
            catch (Exception exception) when (exception is TimeoutException or OrleansException)
            {
                if (!mustHearAll || membership.CurrentSnapshot.GetSiloStatus(silo) == SiloStatus.Dead)
                {
                    return [];
                }
            }

            await Task.Delay(Patience, time);
            await membership.Refresh();
        }
    }
}
