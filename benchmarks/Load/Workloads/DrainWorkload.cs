using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>How fast a backlog goes: from the opening of the gate, before the first claim, until the outcome and result of the last job are recorded.</summary>
internal sealed class DrainWorkload : IWorkload
{
    public string Name => "drain";

    public int DefaultJobs => 50_000;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await run.StartWarmSiloAsync();
        await silo.HoldAsync(run.CancellationToken);
        await silo.EnqueueBulkAsync(run.Jobs, null, null, run.CancellationToken);
        var recorded = run.Meters.NextFinished(run.Jobs);
        var seconds = await run.MeasureAsync(() =>
        {
            silo.Ledger.OpenGate();
            return silo.AwaitAsync(recorded, "the backlog is recorded", run.CancellationToken);
        });
        await silo.RequireEmptyAsync(run.CancellationToken);
        return [new(Name, run.Jobs / seconds, "jobs/s")];
    }
}
