using Krewe.Diagnostics;
using Krewe.Dispatch;
using Krewe.Flows;
using Krewe.Hosting;
using Krewe.Jobs;
using Krewe.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Krewe.Queues;

/// <summary>What every owner of a partition on this silo works with.</summary>
internal sealed class OwnerServices(IJobStore store, IOptions<KreweOptions> options, TimeProvider time, JobsMetrics metrics, JobEvents events, SiloIdentity silo, ClearedLosses cleared, FlowNotices flows, ILogger<QueueGrain> logger, Random random)
{
    public IJobStore Store { get; } = store;

    public KreweOptions Options { get; } = options.Value;

    public TimeProvider Time { get; } = time;

    public JobsMetrics Metrics { get; } = metrics;

    public JobEvents Events { get; } = events;

    public SiloIdentity Silo { get; } = silo;

    public ClearedLosses Cleared { get; } = cleared;

    public FlowNotices Flows { get; } = flows;

    public ILogger Logger { get; } = logger;

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>Uniform in [0, 1).</summary>
    public double Chance()
    {
        lock (random)
        {
            return random.NextDouble();
        }
    }

    /// <summary>A token for a claim; see <see cref="JobClaim.Token"/>.</summary>
    public string NewToken(int delivery)
    {
        lock (random)
        {
            return $"{delivery}-{random.NextInt64(long.MinValue, long.MaxValue):x16}";
        }
    }

    /// <summary>A worker's claim of a job that lies ready, or is about to be added.</summary>
    public JobClaim NewClaim(JobRecord job, string silo, string workerName, DateTimeOffset now) => new()
    {
        Token = NewToken(job.Deliveries + 1),
        Silo = silo,
        ClusterId = Silo.ClusterId,
        MembershipVersion = Silo.MembershipVersion,
        ClaimedAt = now,
        WorkerName = workerName,
        IsSuspect = job.LostDeliveries >= ClaimDesk.SuspectAt,
    };

    public TransitionContext Transition() => new(Now, Chance(), Options.MaxDeliveries, Options.FailureTtl);
}
