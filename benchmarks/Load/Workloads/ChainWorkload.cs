using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>How long a step of a chain takes, each with the previous one's result as its input: from the call of the enqueue until the last outcome is recorded, by the number of steps.</summary>
internal sealed class ChainWorkload : IWorkload
{
    public string Name => "chain";

    public int DefaultJobs => 100;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await FlowLoad.StartWarmSiloAsync(run);
        var recorded = run.Meters.NextFinished(run.Jobs);
        var chain = FlowLoad.ChainOf(run, run.Jobs);
        FlowHandle[] flows = [];
        var seconds = await run.MeasureAsync(async () =>
        {
            flows = await FlowLoad.EnqueueAsync(run, silo, [chain]);
            await silo.AwaitAsync(recorded, "the last step is recorded", run.CancellationToken);
        });
        await FlowLoad.RequireSucceededAsync(run, silo, flows);
        await silo.RequireEmptyAsync(run.CancellationToken);
        return [new("chain_step", seconds * 1000 / run.Jobs, "ms")];
    }
}
