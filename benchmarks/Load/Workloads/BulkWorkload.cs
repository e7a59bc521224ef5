using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>How many jobs a second are enqueued in bulks of 100 from 8 callers, while every slot is busy.</summary>
internal sealed class BulkWorkload : IWorkload
{
    public string Name => "bulk";

    public int DefaultJobs => 200_000;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await run.StartWarmSiloAsync();
        await silo.HoldAsync(run.CancellationToken);
        var seconds = await run.MeasureAsync(() => silo.EnqueueBulkAsync(run.Jobs, null, null, run.CancellationToken));
        return [new(Name, run.Jobs / seconds, "jobs/s")];
    }
}
