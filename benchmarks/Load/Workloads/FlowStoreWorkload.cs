using System.Globalization;
using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>What flows take of the store while every slot is held: a chord against as many plain jobs, and chords in chords by the job.</summary>
/// <remarks>Each is measured on an empty store of its own. Small flows are enqueued as often as it takes to make the growth larger than what a store grows by in steps.</remarks>
internal sealed class FlowStoreWorkload : IWorkload
{
    private const int Levels = 10;
    private const int LeastJobs = 10_000;
    private static readonly int[] Sizes = [10, 1_000, 100_000];

    public string Name => "flow_store";

    public int DefaultJobs => 100_000;

    public int DefaultRuns => 1;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        var plain = await BytesAsync(run, run.Jobs, silo => silo.EnqueueBulkAsync(run.Jobs, null, null, run.CancellationToken));
        var chord = await FlowBytesAsync(run, [FlowLoad.ChordOf(run, run.Jobs)], run.Jobs + 1);
        var readings = new List<Reading> { new(Name, (double)chord / plain, "ratio") };
        foreach (var size in Sizes.Where(size => size <= run.Jobs))
        {
            var flows = Math.Max(1, Math.Min(LeastJobs, run.Jobs) / size);
            var bytes = await FlowBytesAsync(run, Enumerable.Range(0, flows).Select(_ => FlowLoad.NestedOf(run, size, Levels)), flows * size);
            readings.Add(new(string.Create(CultureInfo.InvariantCulture, $"flow_bytes_{size}"), (double)bytes / (flows * size), "bytes/job"));
        }

        return readings;
    }

    private static Task<long> FlowBytesAsync(LoadRun run, IEnumerable<Flow<int>> flows, int jobs)
    {
        FlowHandle[] handles = [];
        return BytesAsync(run, jobs, async silo => handles = await FlowLoad.EnqueueAsync(run, silo, flows), silo => FlowLoad.RequireSucceededAsync(run, silo, handles));
    }

    /// <summary>Bytes that the store grows by. Afterwards all of it runs, so that what was measured is known to have been whole.</summary>
    private static async Task<long> BytesAsync(LoadRun run, int jobs, Func<LoadSilo, Task> enqueueAsync, Func<LoadSilo, Task>? checkAsync = null)
    {
        await run.Store.RenewAsync();
        await using var silo = await run.StartWarmSiloAsync();
        await silo.HoldAsync(run.CancellationToken);
        var (recorded, empty) = (run.Meters.NextFinished(jobs), await run.Store.BytesAsync());
        await enqueueAsync(silo);
        var bytes = await run.Store.BytesAsync() - empty;
        silo.Ledger.OpenGate();
        await silo.AwaitAsync(recorded, "the last job is recorded", run.CancellationToken);
        await (checkAsync?.Invoke(silo) ?? Task.CompletedTask);
        await silo.RequireEmptyAsync(run.CancellationToken);
        return bytes;
    }
}
