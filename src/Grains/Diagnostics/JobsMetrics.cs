using System.Diagnostics.Metrics;

namespace Krewe.Diagnostics;

/// <summary>Metrics as facts. OpenTelemetry names and units; tags are queue and job name, never a job id.</summary>
internal sealed class JobsMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    internal const string MeterName = "Krewe";

    // The default boundaries are made for milliseconds: nearly every job would be in the first one.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400],
    };

    private static readonly InstrumentAdvice<int> Steps = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] };

    private readonly Meter _meter;
    private readonly Counter<long> _enqueued;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _finished;
    private readonly Counter<long> _retried;
    private readonly Counter<long> _rescued;
    private readonly Counter<long> _fenced;
    private readonly Counter<long> _promoted;
    private readonly Counter<long> _flowsFinished;
    private readonly Counter<long> _flowWrites;
    private readonly Histogram<double> _flowsLived;
    private readonly Counter<long> _schedulesFired;
    private readonly Counter<long> _schedulesSkipped;
    private readonly Counter<long> _schedulesMissed;
    private readonly Histogram<double> _lateness;
    private readonly Histogram<double> _waited;
    private readonly Histogram<double> _ran;
    private readonly Histogram<double> _lived;
    private readonly Histogram<double> _committed;
    private readonly Histogram<int> _batch;

    public JobsMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _enqueued = _meter.CreateCounter<long>("krewe.job.enqueued", "{job}", "Jobs accepted.");
        _refused = _meter.CreateCounter<long>("krewe.job.refused", "{job}", "Jobs refused because the queue or the store is full.");
        _finished = _meter.CreateCounter<long>("krewe.job.finished", "{job}", "Jobs that became final, by state.");
        _retried = _meter.CreateCounter<long>("krewe.job.retried", "{job}", "Attempts that failed and are tried again.");
        _rescued = _meter.CreateCounter<long>("krewe.job.rescued", "{job}", "Claims voided because their silo died.");
        _fenced = _meter.CreateCounter<long>("krewe.job.fenced", "{outcome}", "Late outcomes of void claims, dropped.");
        _promoted = _meter.CreateCounter<long>("krewe.job.promoted", "{job}", "Jobs whose instant came.");
        _flowsFinished = _meter.CreateCounter<long>("krewe.flow.finished", "{flow}", "Flows that became final, by state.");
        _flowWrites = _meter.CreateCounter<long>("krewe.flow.writes", "{write}", "Appends to flows' logs.");
        _flowsLived = _meter.CreateHistogram<double>("krewe.flow.life.duration", "s", "From a flow's acceptance to its final state.", advice: Seconds);
        _schedulesFired = _meter.CreateCounter<long>("krewe.schedule.fired", "{occurrence}", "Occurrences of schedules that were enqueued.");
        _schedulesSkipped = _meter.CreateCounter<long>("krewe.schedule.skipped", "{occurrence}", "Occurrences of schedules that were left out: the one before had not ended, or the job was refused.");
        _schedulesMissed = _meter.CreateCounter<long>("krewe.schedule.missed", "{occurrence}", "Occurrences of schedules that were too late.");
        _lateness = _meter.CreateHistogram<double>("krewe.schedule.lateness", "s", "From the instant an occurrence was due, its jitter counted in, to its enqueue.", advice: Seconds);
        _waited = _meter.CreateHistogram<double>("krewe.job.wait.duration", "s", "From the enqueue, or the instant it was due, to the claim.", advice: Seconds);
        _ran = _meter.CreateHistogram<double>("krewe.job.run.duration", "s", "One attempt, from start to end of its handler.", advice: Seconds);
        _lived = _meter.CreateHistogram<double>("krewe.job.life.duration", "s", "From the enqueue to the final state.", advice: Seconds);
        _committed = _meter.CreateHistogram<double>("krewe.store.commit.duration", "s", "One commit of the store.", advice: Seconds);
        _batch = _meter.CreateHistogram<int>("krewe.store.commit.steps", "{step}", "Steps in one commit.", advice: Steps);
    }

    /// <summary>Registers a value that is read when somebody scrapes.</summary>
    public void Observe(string name, string unit, string description, Func<int> read) => _meter.CreateObservableGauge(name, read, unit, description);

    public void FlowFinished(JobState state, TimeSpan life)
    {
        _flowsFinished.Add(1, new KeyValuePair<string, object?>("krewe.flow.state", state.ToString()));
        _flowsLived.Record(life.TotalSeconds);
    }

    public void FlowWritten() => _flowWrites.Add(1);

    /// <summary>An occurrence of a schedule was dealt with.</summary>
    /// <param name="job">The name of its job; null: a flow.</param>
    /// <param name="occurrence">What became of it.</param>
    public void SchedulePassed(string? job, ScheduleOccurrence occurrence)
    {
        var tag = Job(job ?? "flow");
        switch (occurrence.Outcome)
        {
            case OccurrenceOutcome.Fired:
                _schedulesFired.Add(1, tag);
                _lateness.Record(occurrence.Lateness.TotalSeconds, tag);
                break;
            case OccurrenceOutcome.Skipped:
                _schedulesSkipped.Add(1, tag);
                break;
            case OccurrenceOutcome.Missed:
                _schedulesMissed.Add(occurrence.Count, tag);
                break;
        }
    }

    public void Enqueued(string queue, string job) => _enqueued.Add(1, Queue(queue), Job(job));

    public void Refused(string queue, int jobs) => _refused.Add(jobs, Queue(queue));

    public void Finished(string queue, string job, JobState state, TimeSpan? life)
    {
        _finished.Add(1, Queue(queue), Job(job), new("krewe.job.state", state.ToString()));
        if (life is { } span)
        {
            _lived.Record(span.TotalSeconds, Queue(queue));
        }
    }

    public void Retried(string queue, string job) => _retried.Add(1, Queue(queue), Job(job));

    public void Rescued(string queue, string job) => _rescued.Add(1, Queue(queue), Job(job));

    public void Fenced(string queue) => _fenced.Add(1, Queue(queue));

    public void Promoted(string queue) => _promoted.Add(1, Queue(queue));

    public void Claimed(string queue, string job, TimeSpan wait) => _waited.Record(wait.TotalSeconds, Queue(queue), Job(job));

    public void Ran(string queue, string job, string outcome, TimeSpan duration) => _ran.Record(duration.TotalSeconds, Queue(queue), Job(job), new("krewe.outcome", outcome));

    public void Committed(string store, int steps, TimeSpan duration)
    {
        _committed.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("krewe.store", store));
        _batch.Record(steps, new KeyValuePair<string, object?>("krewe.store", store));
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Queue(string queue) => new("krewe.queue", queue);

    private static KeyValuePair<string, object?> Job(string job) => new("krewe.job.name", job);
}
