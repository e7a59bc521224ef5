using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>How many jobs a second many callers enqueue, each awaiting its call, while every slot is busy.</summary>
internal sealed class EnqueueWorkload : IWorkload
{
    public string Name => "enqueue";

    public int DefaultJobs => 100_000;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await run.StartWarmSiloAsync();
        await silo.HoldAsync(run.CancellationToken);
        var seconds = await run.MeasureAsync(() => silo.EnqueueEachAsync(run.Jobs, run.Flags.Callers, run.CancellationToken));
        return [new(Name, run.Jobs / seconds, "jobs/s")];
    }
}
