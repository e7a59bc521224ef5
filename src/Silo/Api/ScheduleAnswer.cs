using System.Text.Json;
using System.Text.Json.Serialization;

namespace Krewe.Api;

/// <summary>A schedule: what was written, with the same names, and how it stands.</summary>
internal sealed record ScheduleAnswer
{
    public required string Id { get; init; }

    [JsonPropertyName("etag")]
    public required string ETag { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cron { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TimeZone { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? Every { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Aligned { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? At { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SolarBody? Solar { get; init; }

    /// <summary>The recurrence in plain words.</summary>
    public required string Text { get; init; }

    public string? Job { get; init; }

    public JsonElement? Args { get; init; }

    public EnqueueOptions? Options { get; init; }

    /// <summary>The tree as it was written; null: it enqueues a job, or the flow was made in code.</summary>
    public JsonElement? Flow { get; init; }

    public bool Enabled { get; init; }

    public DateTimeOffset? Start { get; init; }

    public DateTimeOffset? End { get; init; }

    public long? MaxRuns { get; init; }

    public TimeSpan Jitter { get; init; }

    public MisfirePolicy Misfire { get; init; }

    public TimeSpan MisfireThreshold { get; init; }

    public int MaxMisfires { get; init; }

    public OverlapPolicy Overlap { get; init; }

    public string? Description { get; init; }

    public ScheduleState State { get; init; }

    public ScheduleSource Source { get; init; }

    /// <summary>Whether it differs from what code or configuration says; <c>POST /api/schedules/{id}/reset</c> takes that back.</summary>
    public bool IsOverridden { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? LastDue { get; init; }

    public DateTimeOffset? NextDue { get; init; }

    public long Fired { get; init; }

    public long Skipped { get; init; }

    public long Missed { get; init; }

    /// <summary>The last 50, newest first; empty in a list.</summary>
    public IReadOnlyList<ScheduleOccurrence> Occurrences { get; init; } = [];

    public static ScheduleAnswer Of(ScheduleInfo schedule)
    {
        var (options, interval, solar) = (schedule.Options, schedule.Recurrence as IntervalRecurrence, schedule.Recurrence as SolarRecurrence);
        return new()
        {
            Id = schedule.Id,
            ETag = schedule.ETag,
            Cron = (schedule.Recurrence as CronRecurrence)?.Expression,
            TimeZone = (schedule.Recurrence as CronRecurrence)?.TimeZone,
            Every = interval?.Interval,
            Aligned = interval?.IsAligned,
            At = (schedule.Recurrence as OneOffRecurrence)?.Instant,
            Solar = solar is null ? null : new(solar.SolarEvent, solar.Latitude, solar.Longitude),
            Text = schedule.Text,
            Job = schedule.JobName,
            Args = schedule.Args,
            Options = options.Enqueue,
            Flow = schedule.Flow,
            Enabled = options.Enabled,
            Start = options.Start,
            End = options.End,
            MaxRuns = options.MaxRuns,
            Jitter = options.Jitter,
            Misfire = options.Misfire,
            MisfireThreshold = options.MisfireThreshold,
            MaxMisfires = options.MaxMisfires,
            Overlap = options.Overlap,
            Description = options.Description,
            State = schedule.State,
            Source = schedule.Source,
            IsOverridden = schedule.IsOverridden,
            CreatedAt = schedule.CreatedAt,
            UpdatedAt = schedule.UpdatedAt,
            LastDue = schedule.LastDue,
            NextDue = schedule.NextDue,
            Fired = schedule.Fired,
            Skipped = schedule.Skipped,
            Missed = schedule.Missed,
            Occurrences = schedule.Occurrences,
        };
    }
}

/// <summary>A page of schedules.</summary>
/// <param name="Schedules">By id, without their occurrences.</param>
/// <param name="Next">The <c>after</c> of the next page; null at the end.</param>
internal sealed record ScheduleListAnswer(IReadOnlyList<ScheduleAnswer> Schedules, string? Next);
