using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>How late the handlers of jobs start that are all due at one instant.</summary>
internal sealed class DueWorkload : IWorkload
{
    private const double LeastLeadSeconds = 5;
    private const double JobsStoredPerSecond = 2_000;

    public string Name => "due";

    public int DefaultJobs => 10_000;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await run.StartWarmSiloAsync();
        silo.Ledger.Sample(run.Jobs);
        var recorded = run.Meters.NextFinished(run.Jobs);
        var lead = TimeSpan.FromSeconds(Math.Max(LeastLeadSeconds, run.Jobs / JobsStoredPerSecond));
        var (now, timestamp) = (run.Time.GetUtcNow(), run.Time.GetTimestamp());
        var due = timestamp + (long)(lead.TotalSeconds * run.Time.TimestampFrequency);
        await run.MeasureAsync(async () =>
        {
            await silo.EnqueueBulkAsync(run.Jobs, new EnqueueOptions { NotBefore = now + lead }, due, run.CancellationToken);
            RequireInTime(run, timestamp, lead);
            await silo.AwaitAsync(recorded, "the last job is recorded", run.CancellationToken);
        });
        var lateness = silo.Ledger.WaitsMs.Select(milliseconds => milliseconds / 1000).ToArray();
        return [new("due_lateness_p50", Statistics.Percentile(lateness, 0.5), "s"), new("due_lateness_max", lateness.Max(), "s")];
    }

    private static void RequireInTime(LoadRun run, long started, TimeSpan lead)
    {
        if (run.Time.GetElapsedTime(started) is var taken && taken >= lead)
        {
            throw new InvalidOperationException($"The jobs must be stored before they are due, {lead.TotalSeconds:N0} s after the first call; it took {taken.TotalSeconds:N1} s. Use fewer --jobs.");
        }
    }
}
