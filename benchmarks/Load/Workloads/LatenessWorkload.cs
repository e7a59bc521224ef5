using Krewe.Load.Figures;
using Krewe.Load.Jobs;

namespace Krewe.Load.Workloads;

/// <summary>How late occurrences of schedules are enqueued while nothing else goes on: ten schedules of every two seconds, for a minute and a half.</summary>
internal sealed class LatenessWorkload : IWorkload
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(95);

    public string Name => "lateness";

    public int DefaultJobs => 10;

    public int DefaultRuns => 1;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await run.StartWarmSiloAsync();
        var schedules = silo.Client.Schedules;
        for (var number = 0; number < run.Jobs; number++)
        {
            await schedules.CreateAsync($"late-{number}", Recurrence.Every(Interval), NoOp.Of(number, 0), cancellationToken: run.CancellationToken);
        }

        await Task.Delay(Span, run.Time, run.CancellationToken);
        var lateness = new List<double>();
        for (var number = 0; number < run.Jobs; number++)
        {
            var schedule = await schedules.PauseAsync($"late-{number}", run.CancellationToken);
            lateness.AddRange(schedule.Missed + schedule.Skipped == 0
                ? schedule.Occurrences.Select(static occurrence => occurrence.Lateness.TotalMilliseconds)
                : throw new InvalidOperationException($"No occurrence may be missed or skipped, got {schedule.Missed} and {schedule.Skipped} of {schedule.Id}; the figure is void."));
        }

        double[] all = [.. lateness];
        return [new("schedule_lateness_p50", Statistics.Percentile(all, 0.5), "ms"), new("schedule_lateness_p99", Statistics.Percentile(all, 0.99), "ms"), new("schedule_lateness_max", all.Max(), "ms")];
    }
}
