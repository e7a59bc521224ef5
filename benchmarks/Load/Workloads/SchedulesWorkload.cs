using Krewe.Load.Figures;
using Krewe.Load.Jobs;

namespace Krewe.Load.Workloads;

/// <summary>What ten thousand enabled schedules cost that are not due: the start of a silo, its memory and its processor time, each beside a silo without them.</summary>
internal sealed class SchedulesWorkload : IWorkload
{
    private const int AtATime = 32;
    private const double BytesPerMegabyte = 1024 * 1024;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(30);

    public string Name => "schedules";

    public int DefaultJobs => 10_000;

    public int DefaultRuns => 1;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        var without = await StartAndRestAsync(run);
        double perSecond;
        await using (var silo = await run.StartSiloAsync())
        {
            var (schedules, started) = (silo.Client.Schedules, run.Time.GetTimestamp());
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = run.CancellationToken };

            // Some hours away, and all over the day.
            var hour = run.Time.GetUtcNow().Hour + 6;
            await Parallel.ForEachAsync(Enumerable.Range(0, run.Jobs), parallel, async (number, token) =>
                await schedules.CreateAsync($"rest-{number}", Recurrence.Cron($"{number % 60} {(hour + (number % 12)) % 24} * * *"), NoOp.Of(number, 0), cancellationToken: token));
            perSecond = run.Jobs / run.Time.GetElapsedTime(started).TotalSeconds;
        }

        var with = await StartAndRestAsync(run);
        return
        [
            new("schedules_created", perSecond, "schedules/s"),
            new("schedules_start", with.Start - without.Start, "s more"),
            new("schedules_memory", (with.Bytes - without.Bytes) / BytesPerMegabyte, "MB more"),
            new("schedules_cpu", with.Processor, "% of a core"),
            new("schedules_cpu_without", without.Processor, "% of a core"),
        ];
    }

    private static async Task<(double Start, long Bytes, double Processor)> StartAndRestAsync(LoadRun run)
    {
        var started = run.Time.GetTimestamp();
        await using var silo = await run.StartSiloAsync();
        var start = run.Time.GetElapsedTime(started).TotalSeconds;
        await Task.Delay(Quiet, run.Time, run.CancellationToken);
        var bytes = Footprint.SettledBytes();
        var (since, used) = (run.Time.GetTimestamp(), Footprint.ProcessorTime());
        await Task.Delay(Span, run.Time, run.CancellationToken);
        return (start, bytes, (Footprint.ProcessorTime() - used).TotalSeconds / run.Time.GetElapsedTime(since).TotalSeconds * 100);
    }
}
