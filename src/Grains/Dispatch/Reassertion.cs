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
/// number is part of the token, so a claim whose outcome was recorded before the answer arrived is told by it. It comes back with the silo's copy of the record, which is the later one.
/// A silo that has listed what it holds takes no claim any more from an answer of an earlier epoch. What the store has of the job decides how:</para>
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

        bool IsLost(HeldToken held) => !opened.Running.TryGetValue(held.Id, out var known) || DeliveryOf(held.Token) > DeliveryOf(known.Claim.Token);
        var lost = (await keepers.HeldAsync(key, opened.Epoch, hasGoneBack, IsLost)).GroupBy(job => job.Record.Id).Select(claims => claims.MaxBy(job => DeliveryOf(job.Token))!).ToList();
        if (lost.Count == 0)
        {
            return;
        }

        var count = 0;
        var found = await services.Store.FindAsync(key, [.. lost.Select(job => job.Record.Id)]);
        for (var i = 0; i < lost.Count; i++)
        {
            var isPutBack = found[i] is { } stored ? await PutBackAsync(opened, lost[i], stored) : (hasGoneBack || IsYoung(lost[i])) && await AddAsync(opened, lost[i]);
            count += isPutBack ? 1 : 0;
        }

        if (count > 0)
        {
            Log.ClaimsPutBack(services.Logger, count, key);
        }
    }

    /// <summary>Whether a job that ended since its claim would still have left a tombstone.</summary>
    private bool IsYoung(ClaimedJob job) => services.Now - job.Claim.ClaimedAt < JobTransitions.TombstoneTtl;

    private static async Task<bool> PutBackAsync(OwnedPartition opened, ClaimedJob job, StoredJob stored)
    {
        if (stored.Record is not { } record || record.Deliveries >= DeliveryOf(job.Token) || record.Token == job.Token)
        {
            return false;
        }

        // What the silo has of the job is as of its claim, later than what the store has.
        var later = job.Record with { State = JobState.Queued, DueAt = null, Position = record.Position, IsCancelRequested = record.IsCancelRequested || job.Record.IsCancelRequested };
        var isReady = true;
        switch (stored.Place)
        {
            case JobPlace.Ready:
                break;
            case JobPlace.Running when stored.Claim is { } earlier:
                isReady = await TakeAsync(opened, JobTransitions.Recall(record, earlier));
                break;
            case JobPlace.Due or JobPlace.Parked:
                later = later with { Position = opened.NextPosition() };
                isReady = await TakeAsync(opened, stored.Place == JobPlace.Due ? JobTransitions.Promote(record, later.Position) : JobTransitions.Unpark(record, later.Position));
                break;
            default:
                return false;
        }

        if (!isReady || !await TakeAsync(opened, JobTransitions.Claim(record, job.Claim) with { Record = later }))
        {
            return false;
        }

        if (stored.Place != JobPlace.Running)
        {
            opened.Left(stored.Place, record.Name);
        }

        opened.Running[later.Id] = new RunningJob(later, job.Claim);
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
    /// <param name="epoch">The asker's: what earlier ones answered and did not arrive yet is void from here on.</param>
    /// <param name="mustHearAll">Whether to ask until each has answered or is dead; else a silo that does not answer within a second is passed over.</param>
    /// <param name="isWanted">Which claims to fetch whole.</param>
    Task<IReadOnlyList<ClaimedJob>> HeldAsync(PartitionKey partition, long epoch, bool mustHearAll, Func<HeldToken, bool> isWanted);
}

/// <summary>Asks the workers of all active silos: for tokens first, then for the few claims that matter, in pages.</summary>
internal sealed class ClaimKeepers(IWorkerServices workers, IClusterMembershipService membership, TimeProvider time) : IClaimKeepers
{
    private const int ClaimsPerPage = 16;
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PassOverFor = TimeSpan.FromSeconds(10);

    /// <summary>Silos that did not answer, with when: the next partition does not wait for them again.</summary>
    private readonly System.Collections.Concurrent.ConcurrentDictionary<SiloAddress, long> _silent = new();

    public async Task<IReadOnlyList<ClaimedJob>> HeldAsync(PartitionKey partition, long epoch, bool mustHearAll, Func<HeldToken, bool> isWanted)
    {
        var silos = membership.CurrentSnapshot.Members.Values.Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping).Select(member => member.SiloAddress);
        var answers = await Task.WhenAll(silos.Select(silo => mustHearAll ? InsistAsync(silo, partition, epoch, isWanted) : TryAsync(silo, partition, epoch, isWanted)));
        return [.. answers.SelectMany(static answer => answer)];
    }

    private async Task<List<ClaimedJob>> TryAsync(SiloAddress silo, PartitionKey partition, long epoch, Func<HeldToken, bool> isWanted)
    {
        if (_silent.TryGetValue(silo, out var since) && time.GetElapsedTime(since) < PassOverFor)
        {
            return [];
        }

        try
        {
            return await AskAsync(silo, partition, epoch, isWanted, FirstPatience);
        }
        catch (Exception)
        {
            _silent[silo] = time.GetTimestamp(); // Whatever it was, it is no answer.
            return [];
        }
    }

    private async Task<List<ClaimedJob>> InsistAsync(SiloAddress silo, PartitionKey partition, long epoch, Func<HeldToken, bool> isWanted)
    {
        for (var patience = FirstPatience; ; patience = patience * 2 < LongestPatience ? patience * 2 : LongestPatience)
        {
            try
            {
                return await AskAsync(silo, partition, epoch, isWanted, patience);
            }
            catch (Exception)
            {
                if (membership.CurrentSnapshot.GetSiloStatus(silo) is SiloStatus.Dead or SiloStatus.None)
                {
                    return [];
                }
            }

            await Task.Delay(FirstPatience, time);
        }
    }

    private async Task<List<ClaimedJob>> AskAsync(SiloAddress silo, PartitionKey partition, long epoch, Func<HeldToken, bool> isWanted, TimeSpan patience)
    {
        var service = workers.On(silo);
        var held = await service.HeldAsync(partition, epoch).WaitAsync(patience, time);
        var claims = new List<ClaimedJob>();
        foreach (var page in held.Where(isWanted).Select(token => token.Token).Chunk(ClaimsPerPage))
        {
            claims.AddRange(await service.ClaimsAsync(page).WaitAsync(patience, time));
        }

        return claims;
    }
}
