using Krewe.Load.Figures;
using Krewe.Load.Jobs;

namespace Krewe.Load.Workloads;

/// <summary>How long it takes until all of a thousand schedules that are due at one second have enqueued their jobs.</summary>
internal sealed class SameSecondWorkload : IWorkload
{
    private const int AtATime = 32;
    private const int SchedulesPerSecond = 200;
    private static readonly TimeSpan LeastLead = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    public string Name => "same_second";

    public int DefaultJobs => 1_000;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await run.StartWarmSiloAsync();
        var (schedules, due) = (silo.Client.Schedules, run.Time.GetUtcNow() + LeastLead + TimeSpan.FromSeconds(run.Jobs / SchedulesPerSecond));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = run.CancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, run.Jobs), parallel, async (number, token) => await schedules.CreateAsync($"same-{number}", Recurrence.At(due), NoOp.Of(number, 0), cancellationToken: token));
        if (run.Time.GetUtcNow() >= due)
        {
            throw new InvalidOperationException("The schedules must be made before they are due; use fewer --jobs.");
        }

        await Task.Delay(due - run.Time.GetUtcNow(), run.Time, run.CancellationToken);
        var lateness = new List<double>();
        for (var number = 0; number < run.Jobs;)
        {
            if ((await schedules.GetAsync($"same-{number}", run.CancellationToken))!.Occurrences is [var occurrence])
            {
                lateness.Add(occurrence.Lateness.TotalSeconds);
                number++;
            }
            else if (run.Time.GetUtcNow() > due + Patience)
            {
                throw new TimeoutException($"Expected within {Patience} that all fire; {lateness.Count} of {run.Jobs} did.");
            }
            else
            {
                await Task.Delay(Look, run.Time, run.CancellationToken);
            }
        }

        double[] all = [.. lateness];
        return [new("same_second_lateness_p50", Statistics.Percentile(all, 0.5), "s"), new("same_second_lateness_max", all.Max(), "s")];
    }
}
