namespace Krewe;

/// <summary>One thing that happened to a job.</summary>
/// <param name="Kind">The verb's past tense, such as <c>job.queued</c>, <c>job.started</c>, <c>job.retried</c>, <c>job.succeeded</c>.</param>
/// <param name="JobId">The job's full id.</param>
/// <param name="JobName">Its stable name.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="State">Its state after the event.</param>
/// <param name="Attempt">The attempt concerned; 0 before the first.</param>
/// <param name="At">When it happened, by the clock of the silo that tells it.</param>
/// <param name="Reason">Why, where there is something to say.</param>
[GenerateSerializer, Immutable, Alias("krewe.job-event")]
public sealed record JobEvent(
    [property: Id(0)] string Kind,
    [property: Id(1)] string JobId,
    [property: Id(2)] string JobName,
    [property: Id(3)] string Queue,
    [property: Id(4)] JobState State,
    [property: Id(5)] int Attempt,
    [property: Id(6)] DateTimeOffset At,
    [property: Id(7)] string? Reason = null);

/// <summary>Which events a watcher wants; a null matches all.</summary>
[GenerateSerializer, Immutable, Alias("krewe.job-event-filter")]
public sealed record JobEventFilter
{
    /// <summary>Only this job.</summary>
    [Id(0)]
    public string? JobId { get; init; }

    /// <summary>Only jobs of this name.</summary>
    [Id(1)]
    public string? JobName { get; init; }

    /// <summary>Only jobs of this queue.</summary>
    [Id(2)]
    public string? Queue { get; init; }

    /// <summary>Whether an event passes.</summary>
    /// <param name="jobEvent">Any event.</param>
    public bool Matches(JobEvent jobEvent)
    {
        ArgumentNullException.ThrowIfNull(jobEvent);
        return (JobId is null || JobId == jobEvent.JobId) && (JobName is null || JobName == jobEvent.JobName) && (Queue is null || Queue == jobEvent.Queue);
    }
}
