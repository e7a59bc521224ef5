using Krewe.Execution;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace Krewe.Dispatch;

/// <summary>The worker of one silo, as other silos reach it.</summary>
[Alias("krewe.worker")]
internal interface IWorkerService : IGrainService
{
    /// <summary>A partition has work.</summary>
    [Alias("ring"), OneWay]
    Task RingAsync(PartitionKey partition, int headPriority);

    /// <summary>Fires the token of a running attempt; for when its grain does not answer.</summary>
    [Alias("cancel")]
    Task<bool> CancelAsync(string token, CancellationReason reason);

    /// <summary>The claims of a partition that this silo holds, outcomes that wait to be recorded included.</summary>
    [Alias("held")]
    Task<HeldToken[]> HeldAsync(PartitionKey partition, long epoch);

    /// <summary>The whole jobs of these claims, as far as they are held.</summary>
    [Alias("tell")]
    Task<ClaimedJob[]> TellAsync(string[] tokens);

    [Alias("describe")]
    Task<WorkerInfo> DescribeAsync();

    /// <summary>A silo is about to leave: nothing is placed on it any more.</summary>
    [Alias("leaves")]
    Task LeavesAsync(SiloAddress silo);

    /// <summary>Whether this silo reaches the store now; for a peer that does not.</summary>
    [Alias("reaches-store")]
    Task<bool> ReachesStoreAsync();
}

/// <inheritdoc cref="IWorkerService"/>
[Reentrant]
internal sealed class WorkerService(
    GrainId id, Silo silo, ILoggerFactory loggers, Hosting.SiloIdentity self, Worker worker, HeldClaims held, LeavingSilos leaving, StoreWatch storeWatch) : GrainService(id, silo, loggers), IWorkerService
{
    public Task RingAsync(PartitionKey partition, int headPriority)
    {
        worker.Ring(partition, headPriority);
        return Task.CompletedTask;
    }

    public Task<bool> CancelAsync(string token, CancellationReason reason)
    {
        var isHeld = held.TryGet(token, out var claim);
        claim?.Control.Cancel(reason);
        return Task.FromResult(isHeld);
    }

    public Task<HeldToken[]> HeldAsync(PartitionKey partition, long epoch) =>
        Task.FromResult(worker.ListHeld(partition, epoch).ConvertAll(claim => new HeldToken(self.SiloAddress, claim.Job.Record.Id, claim.Job.Token)).ToArray());

    public Task<ClaimedJob[]> TellAsync(string[] tokens) => Task.FromResult(tokens.Select(token => held.TryGet(token, out var claim) ? claim.Job : null).OfType<ClaimedJob>().ToArray());

    public Task<WorkerInfo> DescribeAsync() => Task.FromResult(worker.Describe());

    public Task LeavesAsync(SiloAddress silo)
    {
        leaving.Add(silo);
        return Task.CompletedTask;
    }

    public Task<bool> ReachesStoreAsync() => storeWatch.ReachesAsync();
}

/// <summary>Reaches the worker of a silo.</summary>
internal interface IWorkerServices : IGrainServiceClient<IWorkerService>
{
    IWorkerService On(SiloAddress silo);
}

/// <inheritdoc cref="IWorkerServices"/>
internal sealed class WorkerServicesClient(IServiceProvider services) : GrainServiceClient<IWorkerService>(services), IWorkerServices
{
    public IWorkerService On(SiloAddress silo) => GetGrainService(silo);
}

/// <summary>Rings workers: the own one directly, others by a one-way message.</summary>
internal sealed class WorkerBell(Worker worker, IWorkerServices services, LeavingSilos leaving, Hosting.SiloIdentity silo) : IWorkerBell
{
    public bool IsLeaving(string address) => leaving.Any && leaving.Contains(SiloAddress.FromParsableString(address));

    public void Ring(string address, PartitionKey partition, int headPriority)
    {
        if (address == silo.Address)
        {
            worker.Ring(partition, headPriority);
        }
        else
        {
            services.On(SiloAddress.FromParsableString(address)).RingAsync(partition, headPriority).Ignore();
        }
    }
}

/// <summary>Tells the silo that runs an attempt to fire its token.</summary>
internal interface IAttemptCanceller
{
    /// <summary>Never waits, never fails: the wish is durable already.</summary>
    void Cancel(PartitionKey partition, string id, JobClaim claim);
}

/// <inheritdoc cref="IAttemptCanceller"/>
internal sealed class AttemptCanceller(IGrainFactory grains, IWorkerServices services) : IAttemptCanceller
{
    public void Cancel(PartitionKey partition, string id, JobClaim claim) => CancelAsync(partition, id, claim).Ignore();

    private async Task CancelAsync(PartitionKey partition, string id, JobClaim claim)
    {
        try
        {
            if (await grains.GetGrain<IJobGrain>(JobGrainKey.Format(claim.Token, claim.Silo, partition.JobId(id))).CancelAsync(claim.Token, CancellationReason.Cancelled))
            {
                return;
            }
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            // The grain of a stopping silo answers nothing; its worker service may.
        }

        await services.On(SiloAddress.FromParsableString(claim.Silo)).CancelAsync(claim.Token, CancellationReason.Cancelled);
    }
}

/// <summary>Judges claims by the cluster's membership.</summary>
internal sealed class ClaimJudge(IClusterMembershipService membership) : IClaimJudge
{
    public Task RefreshAsync() => membership.ReadAnewAsync();

    public bool IsDead(string silo, long seenAtVersion) =>
        membership.CurrentSnapshot.GetSiloStatus(SiloAddress.FromParsableString(silo), new MembershipVersion(seenAtVersion)) == SiloStatus.Dead;
}
