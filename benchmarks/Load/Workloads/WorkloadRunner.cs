using System.Globalization;
using Krewe.Load.Figures;
using Krewe.Load.Stores;

namespace Krewe.Load.Workloads;

/// <summary>Runs workloads, each as often as asked for, and prints their figures.</summary>
internal sealed class WorkloadRunner(LoadFlags flags, TextWriter output, TextWriter log, TimeProvider time)
{
    /// <summary>The name that stands for all.</summary>
    internal const string All = "all";

    private static readonly IWorkload[] Workloads =
    [
        new EnqueueWorkload(), new BulkWorkload(), new DrainWorkload(), new BothWorkload(), new LatencyWorkload(), new BacklogWorkload(), new DueWorkload(),
        new ChordWorkload(), new ChainWorkload(), new ChordsWorkload(), new FlowStoreWorkload(), new FlowWritesWorkload(),
        new LatenessWorkload(), new SameSecondWorkload(), new SchedulesWorkload(), new IdleWorkload(), new SoakWorkload(),
    ];

    /// <summary>The names of the workloads, in the order in which <see cref="All"/> runs those that are part of it.</summary>
    internal static IEnumerable<string> Names => Workloads.Select(workload => workload.Name);

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        await using IStoreUnderTest store = flags.Store == "redis" ? await RedisUnderTest.OpenAsync(flags.Redis, time, cancellationToken) : SqliteUnderTest.Open();
        var machine = Machine.Describe(store.Version) + (flags.Silos > 1 ? string.Create(CultureInfo.InvariantCulture, $", {flags.Silos} silos") : "");
        await log.WriteLineAsync($"{machine}; {flags.Concurrency} slots, {flags.Callers} callers");
        await WarmUpAsync(store, cancellationToken);
        foreach (var workload in Workloads.Where(workload => flags.Workload == workload.Name || (flags.Workload == All && workload.IsPartOfAll)))
        {
            foreach (var figure in Figure.Of(flags.Store, machine, await RunAsync(workload, store, cancellationToken)))
            {
                await output.WriteLineAsync(figure.ToJson());
                await output.FlushAsync(cancellationToken);
            }
        }
    }

    /// <summary>Runs of each hot path that do not count: a cold process is half as fast for its first 100,000 jobs, while the compiler is at work.</summary>
    private async Task WarmUpAsync(IStoreUnderTest store, CancellationToken cancellationToken)
    {
        using var meters = new EngineMeters();
        foreach (IWorkload workload in (IWorkload[])[new DrainWorkload(), new BothWorkload()])
        {
            await store.RenewAsync();
            await log.WriteLineAsync($"{workload.Name}, a run that does not count:");
            await workload.RunAsync(new LoadRun(flags, store, Math.Min(flags.Jobs ?? workload.DefaultJobs, workload.DefaultJobs), meters, time, log, cancellationToken));
        }
    }

    private async Task<List<Reading>> RunAsync(IWorkload workload, IStoreUnderTest store, CancellationToken cancellationToken)
    {
        using var meters = new EngineMeters();
        var readings = new List<Reading>();
        var runs = flags.Runs ?? workload.DefaultRuns;
        for (var run = 1; run <= runs; run++)
        {
            await store.RenewAsync();
            var found = await workload.RunAsync(new LoadRun(flags, store, flags.Jobs ?? workload.DefaultJobs, meters, time, log, cancellationToken));
            readings.AddRange(found);
            var values = string.Join(", ", found.Select(reading => string.Create(CultureInfo.InvariantCulture, $"{reading.Figure} {Statistics.Round(reading.Value)} {reading.Unit}")));
            await log.WriteLineAsync($"{workload.Name}, run {run} of {runs}: {values}");
        }

        if (meters.Unsuccessful > 0)
        {
            throw new InvalidOperationException($"Every job must succeed, got {meters.Unsuccessful} of {workload.Name} that did not; the figures are void.");
        }

        if (meters.Table() is { Length: > 0 } table)
        {
            await log.WriteLineAsync(table);
        }

        return readings;
    }
}
