using System.Text.Json;

namespace Krewe;

/// <summary>A schedule as it stood when it was asked for.</summary>
public sealed record ScheduleInfo
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Names this definition of it; changes with every change of the definition, not when it fires.</summary>
    public required string ETag { get; init; }

    /// <summary>When it is due.</summary>
    public required Recurrence Recurrence { get; init; }

    /// <summary>The recurrence in plain words.</summary>
    public required string Text { get; init; }

    /// <summary>What it does beside.</summary>
    public required ScheduleOptions Options { get; init; }

    /// <summary>The stable name of the job it enqueues; null: it enqueues a flow.</summary>
    public string? JobName { get; init; }

    /// <summary>The args of that job.</summary>
    public JsonElement? Args { get; init; }

    /// <summary>The flow it enqueues, as it was written over HTTP; null: it enqueues a job, or the flow was made in code.</summary>
    public JsonElement? Flow { get; init; }

    /// <summary>Whether it can fire.</summary>
    public ScheduleState State { get; init; }

    /// <summary>Where it was defined first.</summary>
    public ScheduleSource Source { get; init; }

    /// <summary>Whether it differs from what the code or configuration of the silos says, because somebody changed it since; <see cref="IScheduleClient.ResetAsync"/> takes that back.</summary>
    public bool IsOverridden { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its definition was changed last.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The last due instant that was dealt with; null: none yet.</summary>
    public DateTimeOffset? LastDue { get; init; }

    /// <summary>The next due instant, with the offset of its time zone; null: there is none.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>Occurrences that were enqueued.</summary>
    public long Fired { get; init; }

    /// <summary>Occurrences that were skipped: the one before had not ended, or the job was refused.</summary>
    public long Skipped { get; init; }

    /// <summary>Occurrences that were missed. Of one outage at most 10,000 are counted.</summary>
    public long Missed { get; init; }

    /// <summary>The last 50 occurrences, newest first; empty in a list.</summary>
    public IReadOnlyList<ScheduleOccurrence> Occurrences { get; init; } = [];
}

/// <summary>What became of one occurrence.</summary>
public sealed record ScheduleOccurrence
{
    /// <summary>When it was due, UTC; of a trigger by hand: when it was asked for.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>When it was dealt with.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What became of it.</summary>
    public required OccurrenceOutcome Outcome { get; init; }

    /// <summary>Why, where it did not simply fire.</summary>
    public string? Reason { get; init; }

    /// <summary>The full id of its job, or the id of its flow; null: nothing was enqueued.</summary>
    public string? JobId { get; init; }

    /// <summary>How much later it was enqueued than due, its jitter not counted; zero for what did not fire.</summary>
    public TimeSpan Lateness { get; init; }

    /// <summary>How many due instants this entry stands for: more than 1 where many were missed at once.</summary>
    public long Count { get; init; } = 1;
}

/// <summary>What became of an occurrence.</summary>
public enum OccurrenceOutcome
{
    /// <summary>Its job was enqueued.</summary>
    Fired = 0,

    /// <summary>It was left out on purpose.</summary>
    Skipped = 1,

    /// <summary>It was too late.</summary>
    Missed = 2,

    /// <summary>Somebody triggered it by hand.</summary>
    Triggered = 3,

    /// <summary>It was enqueued by a backfill.</summary>
    Backfilled = 4,
}

/// <summary>Whether a schedule can fire.</summary>
public enum ScheduleState
{
    /// <summary>It has a next occurrence.</summary>
    Active = 0,

    /// <summary>It is not enabled.</summary>
    Paused = 1,

    /// <summary>There will be no further occurrence.</summary>
    Ended = 2,
}

/// <summary>Where a schedule was defined.</summary>
public enum ScheduleSource
{
    /// <summary>By a call of a client or over HTTP.</summary>
    Client = 0,

    /// <summary>By <c>AddSchedule</c>.</summary>
    Code = 1,

    /// <summary>In <c>Krewe:Schedules</c>.</summary>
    Configuration = 2,
}

/// <summary>A page of schedules.</summary>
/// <param name="Schedules">By id, without their occurrences.</param>
/// <param name="Next">The <c>after</c> of the next page; null at the end.</param>
public sealed record SchedulePage(IReadOnlyList<ScheduleInfo> Schedules, string? Next);

/// <summary>What is to be changed of a schedule; what is null stays.</summary>
public sealed record ScheduleChange
{
    /// <summary>When it is due. Intervals begin anew at the change.</summary>
    public Recurrence? Recurrence { get; init; }

    /// <summary>The job or flow that it enqueues.</summary>
    public IFlowStep? Work { get; init; }

    /// <summary>All its options.</summary>
    public ScheduleOptions? Options { get; init; }
}

/// <summary>What a backfill has enqueued, or would.</summary>
/// <param name="IsDryRun">Whether nothing was enqueued.</param>
/// <param name="Occurrences">In order.</param>
public sealed record BackfillResult(bool IsDryRun, IReadOnlyList<BackfilledOccurrence> Occurrences);

/// <summary>One occurrence of a backfill.</summary>
/// <param name="Due">When it was due, UTC.</param>
/// <param name="JobId">The full id of its job, or the id of its flow; null in a dry run for what is not among the schedule's last 50 occurrences.</param>
/// <param name="IsExisting">Whether it was there already, so that nothing was added; a dry run knows this of the last 50 occurrences.</param>
[GenerateSerializer, Immutable, Alias("krewe.backfilled-occurrence")]
public sealed record BackfilledOccurrence([property: Id(0)] DateTimeOffset Due, [property: Id(1)] string? JobId, [property: Id(2)] bool IsExisting);
