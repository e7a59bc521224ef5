using System.Diagnostics.Metrics;
using System.Globalization;
using Krewe.Diagnostics;
using Krewe.Load.Jobs;

namespace Krewe.Load.Figures;

/// <summary>Listens to the engine's own metrics: jobs whose outcome is durable, writes of flows, and what the store's commits took. Thread-safe.</summary>
/// <remarks>The counter of finished jobs is raised after the commit, in this process, so "the last is recorded" is known without asking the store and without building events.</remarks>
internal sealed class EngineMeters : IDisposable
{
    private const string FinishedJobs = "krewe.job.finished";
    private const string CommitDuration = "krewe.store.commit.duration";
    private const string CommitSteps = "krewe.store.commit.steps";
    private const string FlowAppends = "krewe.flow.writes";
    private static readonly string[] Instruments = [FinishedJobs, CommitDuration, CommitSteps, FlowAppends];

    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private Goal? _goal;
    private long _finished;
    private long _unsuccessful;
    private long _flowWrites;
    private volatile bool _isRecording;
    private long _commits;
    private long _steps;
    private double _seconds;

    internal EngineMeters()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == JobsMetrics.MeterName && Instruments.Contains(instrument.Name))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) => Count(instrument.Name, count, tags));
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => Committed(seconds, 0));
        _listener.SetMeasurementEventCallback<int>((_, steps, _, _) => Committed(0, steps));
        _listener.Start();
    }

    /// <summary>Measured jobs whose outcome is durable.</summary>
    internal long Finished => Volatile.Read(ref _finished);

    /// <summary>Measured jobs that ended otherwise than in success.</summary>
    internal long Unsuccessful => Volatile.Read(ref _unsuccessful);

    /// <summary>Appends to the logs of flows.</summary>
    internal long FlowWrites => Volatile.Read(ref _flowWrites);

    /// <summary>Ends when so many more measured jobs have a durable outcome. One at a time; ask before they can begin.</summary>
    internal Task NextFinished(long jobs) => WhenFinished(Finished + jobs);

    /// <summary>Ends when so many measured jobs in all have a durable outcome. One at a time.</summary>
    internal Task WhenFinished(long jobs)
    {
        var goal = new Goal(jobs);
        Volatile.Write(ref _goal, goal);
        goal.Tell(Finished);
        return goal.Reached;
    }

    /// <summary>From now on commits count.</summary>
    internal void Record() => _isRecording = true;

    /// <summary>From now on they do not.</summary>
    internal void Pause() => _isRecording = false;

    /// <summary>Where the measured time went, in two lines; empty when nothing was committed.</summary>
    internal string Table()
    {
        lock (_lock)
        {
            return _commits == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"""
                  store commits   steps/commit   ms/commit   seconds in commits, all partitions
                  {_commits,13:N0}   {(double)_steps / _commits,12:N1}   {_seconds * 1000 / _commits,9:N3}   {_seconds,9:N2}
                """);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Count(string instrument, long count, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (instrument == FlowAppends)
        {
            Interlocked.Add(ref _flowWrites, count);
            return;
        }

        var (isMeasured, isSuccess) = (false, false);
        foreach (var (name, value) in tags)
        {
            isMeasured |= name == "krewe.job.name" && value is "load.noop" or Tally.Name;
            isSuccess |= name == "krewe.job.state" && value is nameof(JobState.Succeeded);
        }

        if (isMeasured)
        {
            Interlocked.Add(ref _unsuccessful, isSuccess ? 0 : count);
            var finished = Interlocked.Add(ref _finished, count);
            Volatile.Read(ref _goal)?.Tell(finished);
        }
    }

    private void Committed(double seconds, int steps)
    {
        if (!_isRecording)
        {
            return;
        }

        lock (_lock)
        {
            _seconds += seconds;
            _steps += steps;
            _commits += steps > 0 ? 1 : 0;
        }
    }
}
