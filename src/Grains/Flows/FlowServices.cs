using Krewe.Diagnostics;
using Krewe.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Krewe.Flows;

/// <summary>What every flow on this silo works with.</summary>
internal sealed class FlowServices(IFlowStore store, IJobReads jobs, IGrainFactory grains, IOptions<KreweOptions> options, TimeProvider time, IClusterMembershipService membership, JobsMetrics metrics, ILogger<ChordGrain> logger)
{
    public IFlowStore Store { get; } = store;

    public IJobReads Jobs { get; } = jobs;

    public IGrainFactory Grains { get; } = grains;

    public KreweOptions Options { get; } = options.Value;

    public TimeProvider Time { get; } = time;

    /// <summary>Changes when a silo comes or goes.</summary>
    public long MembershipVersion => membership.CurrentSnapshot.Version.Value;

    public JobsMetrics Metrics { get; } = metrics;

    public ILogger Logger { get; } = logger;

    public DateTimeOffset Now => Time.GetUtcNow();
}
