using Krewe.Diagnostics;
using Krewe.Hosting;
using Krewe.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Krewe.Flows;

/// <summary>What every flow on this silo works with.</summary>
internal sealed class FlowServices(IFlowStore store, IJobStore jobs, IGrainFactory grains, IOptions<KreweOptions> options, TimeProvider time, SiloIdentity silo, JobsMetrics metrics, ILogger<ChordGrain> logger)
{
    public IFlowStore Store { get; } = store;

    public IJobStore Jobs { get; } = jobs;

    public IGrainFactory Grains { get; } = grains;

    public KreweOptions Options { get; } = options.Value;

    public TimeProvider Time { get; } = time;

    public SiloIdentity Silo { get; } = silo;

    public JobsMetrics Metrics { get; } = metrics;

    public ILogger Logger { get; } = logger;

    public DateTimeOffset Now => Time.GetUtcNow();
}
