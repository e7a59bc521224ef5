using System.Globalization;
using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>Whether anything grows that should not: resident memory of the process, and what the store holds, over minutes of steady work.</summary>
/// <remarks>Results go two minutes after they were recorded, the shortest time that an id is kept. So the store should hold what it held before, and the jobs that ended within that time.</remarks>
internal sealed class SoakWorkload : IWorkload
{
    private const double BytesPerMegabyte = 1_000_000;
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Ttl = TimeSpan.FromMinutes(2);

    public string Name => "soak";

    /// <summary>Of the warm-up; what is measured goes by rate and time.</summary>
    public int DefaultJobs => 20_000;

    public int DefaultRuns => 1;

    public bool IsPartOfAll => false;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await run.StartWarmSiloAsync();
        var (before, finishedBefore) = (await run.Store.CountAsync(), run.Meters.Finished);
        var span = TimeSpan.FromSeconds(run.Flags.Seconds);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(run.CancellationToken);
        var sampling = SampleAsync(run, before, finishedBefore, stop.Token);
        var started = run.Time.GetTimestamp();
        var sent = await silo.EnqueueSteadilyAsync(run.Flags.Rate, span, new EnqueueOptions { ResultTtl = Ttl }, run.CancellationToken);
        await silo.AwaitAsync(run.Meters.WhenFinished(finishedBefore + sent), "the last job is recorded", run.CancellationToken);
        var seconds = run.Time.GetElapsedTime(started).TotalSeconds;
        await stop.CancelAsync();
        var samples = await sampling;
        await silo.RequireEmptyAsync(run.CancellationToken);
        return
        [
            new("soak_rate", sent / seconds, "jobs/s"),
            .. Memory(samples),
            new("soak_held_start", before, "keys"),
            .. Held("middle", samples[samples.Count / 2]),
            .. Held("end", samples[^1]),
            new("soak_heap_end", GC.GetTotalMemory(forceFullCollection: true) / BytesPerMegabyte, "MB"),
        ];
    }

    /// <summary>Medians over a tenth of the time each, because a collector's memory comes and goes by the second.</summary>
    private static IEnumerable<Reading> Memory(List<Sample> samples)
    {
        var tenth = Math.Max(1, samples.Count / 10);
        foreach (var (name, first) in new[] { ("start", 0), ("middle", (samples.Count - tenth) / 2), ("end", samples.Count - tenth) })
        {
            yield return new($"soak_rss_{name}", Statistics.Median([.. samples.Skip(first).Take(tenth).Select(sample => (double)sample.ResidentBytes)]) / BytesPerMegabyte, "MB");
        }
    }

    private static IEnumerable<Reading> Held(string name, Sample sample) => [new($"soak_held_{name}", sample.Held, "keys"), new($"soak_explained_{name}", sample.Explained, "keys")];

    private static async Task<List<Sample>> SampleAsync(LoadRun run, long before, long finishedBefore, CancellationToken stop)
    {
        var samples = new List<Sample>();
        using var timer = new PeriodicTimer(SampleInterval, run.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var finished = run.Meters.Finished;
                var at = run.Time.GetTimestamp();
                var longAgo = samples.FindLast(sample => run.Time.GetElapsedTime(sample.At, at) >= Ttl);
                samples.Add(new Sample(at, finished, Footprint.ResidentBytes(), await run.Store.CountAsync(), before + finished - (longAgo?.Finished ?? finishedBefore)));
                if (samples.Count % 60 == 0)
                {
                    await run.Log.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {samples.Count} s: {samples[^1].ResidentBytes / BytesPerMegabyte:N0} MB, {samples[^1].Held:N0} keys, {samples[^1].Explained:N0} explained"));
                }
            }
        }
        catch (OperationCanceledException) when (!run.CancellationToken.IsCancellationRequested)
        {
            // The load has ended.
        }

        return samples;
    }

    /// <summary>What one second said.</summary>
    /// <param name="At">Timestamp.</param> <param name="Finished">Jobs whose outcome was durable.</param> <param name="ResidentBytes">Of this process.</param>
    /// <param name="Held">What the store held.</param> <param name="Explained">What it held before, and the jobs that finished within the time to live.</param>
    private sealed record Sample(long At, long Finished, long ResidentBytes, long Held, long Explained);
}
