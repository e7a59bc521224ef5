using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>How long one chord takes on a silo that has nothing else to do, and, from 100,000 members on, what it costs in memory.</summary>
internal sealed class ChordWorkload : IWorkload
{
    private const int LargeMembers = 100_000;
    private const double BytesPerMegabyte = 1_000_000;
    private static readonly TimeSpan PeakTick = TimeSpan.FromMilliseconds(20);

    public string Name => "chord";

    public int DefaultJobs => 1_000;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        var time = new Reading(Name, await TimeAsync(run) * 1000, "ms");
        if (run.Jobs < LargeMembers)
        {
            return [time];
        }

        var (settled, peak) = await MemoryAsync(run);
        return [time, new("chord_memory", settled / BytesPerMegabyte, "MB"), new("chord_memory_peak", peak / BytesPerMegabyte, "MB")];
    }

    /// <summary>From the call of the enqueue until the outcome of the body is recorded.</summary>
    private static async Task<double> TimeAsync(LoadRun run)
    {
        await using var silo = await FlowLoad.StartWarmSiloAsync(run);
        var (recorded, bodies) = (run.Meters.NextFinished(run.Jobs + 1), silo.Ledger.Bodies);
        FlowHandle[] flows = [];
        var seconds = await run.MeasureAsync(async () =>
        {
            flows = await FlowLoad.EnqueueAsync(run, silo, [FlowLoad.ChordOf(run, run.Jobs)]);
            await silo.AwaitAsync(recorded, "the body is recorded", run.CancellationToken);
        });
        await RequireDoneAsync(run, silo, flows, bodies);
        return seconds;
    }

    /// <summary>Bytes that the silo grows by: while every member is held, or once the body has ended, whichever is more; and at most in between, garbage included.</summary>
    private static async Task<(long Settled, long Peak)> MemoryAsync(LoadRun run)
    {
        await using var silo = await FlowLoad.StartWarmSiloAsync(run);
        await silo.HoldAsync(run.CancellationToken);
        var idle = Footprint.SettledBytes();
        var (recorded, bodies) = (run.Meters.NextFinished(run.Jobs + 1), silo.Ledger.Bodies);
        var flows = await FlowLoad.EnqueueAsync(run, silo, [FlowLoad.ChordOf(run, run.Jobs)]);
        var held = Footprint.SettledBytes();
        var peak = held;
        var ended = silo.AwaitAsync(recorded, "the body is recorded", run.CancellationToken);
        using (var timer = new PeriodicTimer(PeakTick, run.Time))
        {
            silo.Ledger.OpenGate();
            while (!ended.IsCompleted && await timer.WaitForNextTickAsync(run.CancellationToken))
            {
                peak = Math.Max(peak, Footprint.ResidentBytes());
            }
        }

        await ended;
        await RequireDoneAsync(run, silo, flows, bodies);
        return (Math.Max(held, Footprint.SettledBytes()) - idle, peak - idle);
    }

    private static async Task RequireDoneAsync(LoadRun run, LoadSilo silo, FlowHandle[] flows, int bodies)
    {
        await FlowLoad.RequireSucceededAsync(run, silo, flows);
        FlowLoad.RequireBodies(silo, bodies, 1);
        await silo.RequireEmptyAsync(run.CancellationToken);
    }
}
