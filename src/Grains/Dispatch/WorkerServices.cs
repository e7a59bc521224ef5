using Krewe.Diagnostics;
using Krewe.Execution;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Krewe.Dispatch;

/// <summary>What the worker works with.</summary>
internal sealed class WorkerServices(IOptions<KreweOptions> options, TimeProvider time, JobsMetrics metrics, JobEvents events, ProgressRelay progress, ILogger<Worker> logger)
{
    public KreweOptions Options { get; } = options.Value;

    public TimeProvider Time { get; } = time;

    public JobsMetrics Metrics { get; } = metrics;

    public JobEvents Events { get; } = events;

    public ILogger Logger { get; } = logger;

    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    public SlotPlan NewSlotPlan() => Options.ConsumedQueues.Count > 0
        ? SlotPlan.ForEach(Options.ConsumedQueues)
        : SlotPlan.ForAll(Options.Concurrency ?? Math.Max(20, 5 * Environment.ProcessorCount), queue => Options.Queues.GetValueOrDefault(queue)?.Weight ?? SlotPlan.DefaultWeight(queue));

    /// <summary>The levers of an attempt, whose progress goes to its job's owner.</summary>
    public AttemptControl NewControl(ClaimedJob job) => progress.NewControl(job);
}
