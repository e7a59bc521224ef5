using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>How often the log of a chord is written, by the member, while as many plain jobs are enqueued one by one and run beside it.</summary>
internal sealed class FlowWritesWorkload : IWorkload
{
    public string Name => "flow_writes";

    public int DefaultJobs => 10_000;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await FlowLoad.StartWarmSiloAsync(run);
        var (recorded, bodies, writes) = (run.Meters.NextFinished((2 * run.Jobs) + 1), silo.Ledger.Bodies, run.Meters.FlowWrites);
        FlowHandle[] flows = [];
        await run.MeasureAsync(async () =>
        {
            var load = silo.EnqueueEachAsync(run.Jobs, run.Flags.Callers, run.CancellationToken);
            flows = await FlowLoad.EnqueueAsync(run, silo, [FlowLoad.ChordOf(run, run.Jobs)]);
            await load;
            await silo.AwaitAsync(recorded, "the last job is recorded", run.CancellationToken);
        });
        await FlowLoad.RequireSucceededAsync(run, silo, flows);
        FlowLoad.RequireBodies(silo, bodies, 1);
        await silo.RequireEmptyAsync(run.CancellationToken);
        return [new(Name, (double)(run.Meters.FlowWrites - writes) / run.Jobs, "writes/member")];
    }
}
