using Krewe.Load.Figures;
using Krewe.Load.Jobs;

namespace Krewe.Load.Workloads;

/// <summary>How long a job of an otherwise idle silo takes from the call of its enqueue to the start of its handler, at 50 jobs a second.</summary>
internal sealed class LatencyWorkload : IWorkload
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public string Name => "latency";

    public int DefaultJobs => 1_000;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await run.StartWarmSiloAsync();
        silo.Ledger.Sample(run.Jobs);
        var recorded = run.Meters.NextFinished(run.Jobs);
        await run.MeasureAsync(async () =>
        {
            await EnqueueSteadilyAsync(run, silo);
            await silo.AwaitAsync(recorded, "the last job is recorded", run.CancellationToken);
        });
        var waits = silo.Ledger.WaitsMs;
        return [new("pickup_p50", Statistics.Percentile(waits, 0.5), "ms"), new("pickup_p99", Statistics.Percentile(waits, 0.99), "ms")];
    }

    private static async Task EnqueueSteadilyAsync(LoadRun run, LoadSilo silo)
    {
        // Calls are not awaited one after the other: a slow one must not hold the next one back, or the worst waits would hide behind each other.
        var calls = new List<Task>(run.Jobs);
        using var timer = new PeriodicTimer(Interval, run.Time);
        for (var number = 0; number < run.Jobs && await timer.WaitForNextTickAsync(run.CancellationToken); number++)
        {
            calls.Add(silo.Client.EnqueueAsync(NoOp.Of(number, run.Time.GetTimestamp()), cancellationToken: run.CancellationToken));
        }

        await Task.WhenAll(calls);
    }
}
