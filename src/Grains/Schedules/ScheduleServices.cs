using Krewe.Diagnostics;
using Krewe.Jobs;
using Krewe.Storage;
using Microsoft.Extensions.Logging;

namespace Krewe.Schedules;

/// <summary>What every schedule on this silo works with.</summary>
internal sealed class ScheduleServices(IScheduleStore store, IOccurrenceSender sender, IScheduleDefinitions definitions, JobsMetrics metrics, TimeProvider time, ILogger<ScheduleGrain> logger)
{
    private const int IncarnationLength = 8;

    public IScheduleStore Store { get; } = store;

    public IOccurrenceSender Sender { get; } = sender;

    public IScheduleDefinitions Definitions { get; } = definitions;

    public JobsMetrics Metrics { get; } = metrics;

    public ILogger Logger { get; } = logger;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>A version of a record that was never used before.</summary>
    public string NewVersion() => JobKeys.NewId(partition: 0, partitions: 1, Now);

    /// <summary>Forty random bits.</summary>
    public string NewIncarnation() => NewVersion()[^IncarnationLength..];
}
