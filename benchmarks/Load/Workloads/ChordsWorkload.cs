using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>How fast many small chords go that are all there, measured as <see cref="DrainWorkload"/> measures plain jobs, so that the two can be compared.</summary>
internal sealed class ChordsWorkload : IWorkload
{
    private const int Members = 10;

    public string Name => "chords";

    /// <summary>1,000 chords of 10 members, with their bodies.</summary>
    public int DefaultJobs => 11_000;

    public async Task<IReadOnlyList<Reading>> RunAsync(LoadRun run)
    {
        await using var silo = await FlowLoad.StartWarmSiloAsync(run);
        await silo.HoldAsync(run.CancellationToken);
        var chords = Math.Max(1, run.Jobs / (Members + 1));
        var (jobs, bodies) = (chords * (Members + 1), silo.Ledger.Bodies);
        var started = run.Time.GetTimestamp();
        var flows = await FlowLoad.EnqueueAsync(run, silo, Enumerable.Range(0, chords).Select(_ => FlowLoad.ChordOf(run, Members)));
        var enqueued = run.Time.GetElapsedTime(started).TotalSeconds;
        var recorded = run.Meters.NextFinished(jobs);
        var seconds = await run.MeasureAsync(() =>
        {
            silo.Ledger.OpenGate();
            return silo.AwaitAsync(recorded, "the last job of the last chord is recorded", run.CancellationToken);
        });
        await FlowLoad.RequireSucceededAsync(run, silo, flows);
        FlowLoad.RequireBodies(silo, bodies, chords);
        await silo.RequireEmptyAsync(run.CancellationToken);
        return [new(Name, jobs / seconds, "jobs/s"), new("chords_enqueue", jobs / enqueued, "jobs/s")];
    }
}
