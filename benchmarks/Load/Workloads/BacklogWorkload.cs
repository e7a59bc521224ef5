using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>What a large backlog costs: memory of the silo, space in the store, and time until a restarted silo runs the first job.</summary>
internal sealed class BacklogWorkload : IWorkload
{
    private const double BytesPerMegabyte = 1_000_000;

    public string Name => "backlog";

    public int DefaultJobs => 1_000_000;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        var (silo, store) = await FillAsync(run);
        return
        [
            new("backlog_memory", silo / BytesPerMegabyte, "MB"),
            new("backlog_store", (double)store / run.Jobs, "bytes/job"),
            new("backlog_restart", await RestartAsync(run), "s"),
        ];
    }

    /// <summary>Bytes that the silo and the store grow by. Both are read while every slot is held, so the gates count on neither side.</summary>
    private static async Task<(long Silo, long Store)> FillAsync(LoadRun run)
    {
        await using var silo = await run.StartWarmSiloAsync();
        await silo.HoldAsync(run.CancellationToken);
        var (idle, empty) = (Footprint.SettledBytes(), await run.Store.BytesAsync());
        await run.MeasureAsync(() => silo.EnqueueBulkAsync(run.Jobs, null, null, run.CancellationToken));
        return (Footprint.SettledBytes() - idle, await run.Store.BytesAsync() - empty);
    }

    /// <summary>From the building of a new silo to the start of its first handler. Process and server run on; SQLite's file is opened again within the time.</summary>
    private static async Task<double> RestartAsync(LoadRun run)
    {
        var started = run.Time.GetTimestamp();
        await using var silo = await run.StartSiloAsync();
        await silo.AwaitAsync(silo.Ledger.FirstStart, "the first job starts", run.CancellationToken);
        return run.Time.GetElapsedTime(started).TotalSeconds;
    }
}
