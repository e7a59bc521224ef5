using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>Enqueue one by one and run at the same time: from the first call until the last outcome is recorded.</summary>
internal sealed class BothWorkload : IWorkload
{
    public string Name => "both";

    public int DefaultJobs => 100_000;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await run.StartWarmSiloAsync();
        var recorded = run.Meters.NextFinished(run.Jobs);
        var seconds = await run.MeasureAsync(async () =>
        {
            await silo.EnqueueEachAsync(run.Jobs, run.Flags.Callers, run.CancellationToken);
            await silo.AwaitAsync(recorded, "the last job is recorded", run.CancellationToken);
        });
        await silo.RequireEmptyAsync(run.CancellationToken);
        return [new(Name, run.Jobs / seconds, "jobs/s")];
    }
}
