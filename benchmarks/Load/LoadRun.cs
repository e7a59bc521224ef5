using System.Globalization;
using Krewe.Load.Figures;
using Krewe.Load.Stores;
using Krewe.Load.Workloads;

namespace Krewe.Load;

/// <summary>One run of one workload: an empty store, and what it needs to measure.</summary>
/// <param name="Flags">What was asked for.</param> <param name="Store">Empty.</param> <param name="Jobs">How many.</param> <param name="Meters">Of this workload.</param>
/// <param name="Time">The clock.</param> <param name="Log">For people; stderr.</param> <param name="CancellationToken">Stops the run.</param>
internal sealed record LoadRun(LoadFlags Flags, IStoreUnderTest Store, int Jobs, EngineMeters Meters, TimeProvider Time, TextWriter Log, CancellationToken CancellationToken)
{
    private const int WarmUpJobs = 20_000;

    /// <summary>A silo on the run's store that has just drained 20,000 jobs (fewer where the run itself is smaller), enqueued in bulk and one by one.</summary>
    internal async Task<LoadSilo> StartWarmSiloAsync()
    {
        var silo = await StartSiloAsync();
        try
        {
            var jobs = Math.Min(WarmUpJobs, Math.Max(Jobs, 2));
            var recorded = Meters.NextFinished(jobs);
            await silo.HoldAsync(CancellationToken);
            await silo.EnqueueBulkAsync(jobs / 2, null, null, CancellationToken);
            await silo.EnqueueEachAsync(jobs - (jobs / 2), Flags.Callers, CancellationToken);
            silo.Ledger.OpenGate();
            await silo.AwaitAsync(recorded, "the warm-up is recorded", CancellationToken);
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>A silo on the run's store, or several, as they come.</summary>
    internal Task<LoadSilo> StartSiloAsync() => LoadSilo.StartAsync(Store, Flags, Time, CancellationToken);

    /// <summary>How many seconds something takes; store commits count meanwhile. The log gets the processor time that a job cost.</summary>
    internal async Task<double> MeasureAsync(Func<Task> action)
    {
        var storeBefore = await Store.ProcessorTimeAsync();
        var (siloBefore, bytesBefore, collectionsBefore) = (Footprint.ProcessorTime(), GC.GetTotalAllocatedBytes(), GC.CollectionCount(0));
        var pausedBefore = GC.GetTotalPauseDuration();
        Meters.Record();
        var started = Time.GetTimestamp();
        await action();
        var seconds = Time.GetElapsedTime(started).TotalSeconds;
        Meters.Pause();
        var silo = Footprint.ProcessorTime() - siloBefore;
        var (bytes, collections) = (GC.GetTotalAllocatedBytes() - bytesBefore, GC.CollectionCount(0) - collectionsBefore);
        var store = await Store.ProcessorTimeAsync() - storeBefore;
        await Log.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  processor time: {PerJob(silo):N1} µs/job in this process, {(store is { } own ? $"{PerJob(own):N1} µs/job in the store's" : "the store's included")}; {bytes / Jobs:N0} bytes/job allocated, {collections} collections of {PerJob(GC.GetTotalPauseDuration() - pausedBefore):N1} µs/job"));
        return seconds;
    }

    private double PerJob(TimeSpan span) => span.TotalMicroseconds / Jobs;
}
