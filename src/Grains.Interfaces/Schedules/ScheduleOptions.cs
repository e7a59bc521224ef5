using System.Text.Json;

namespace Krewe;

/// <summary>What a schedule does beside its recurrence. Immutable.</summary>
public sealed record ScheduleOptions
{
    /// <summary>Whether it fires; false: it is paused. What falls due while it is paused is not made up for.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Nothing is due before this instant; intervals that are not aligned begin at it. Null: from its creation on, an interval for the first time one interval later.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Nothing is due after this instant, which must be later than <see cref="Start"/>; null: no end.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Occurrences after which it ends, 1 or more; triggers by hand and backfills do not count. Null: no bound.</summary>
    public long? MaxRuns { get; init; }

    /// <summary>Spreads occurrences: each is enqueued at its due instant and a part of this time, 0..24 hours, that is always the same for the same occurrence. Default 0.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>What becomes of what is due when some of it is later than <see cref="MisfireThreshold"/>; default <see cref="MisfirePolicy.FireOnce"/>.</summary>
    public MisfirePolicy Misfire { get; init; }

    /// <summary>How late an occurrence may be and still count as on time, 1 second..1 day; default 1 minute.</summary>
    public TimeSpan MisfireThreshold { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>With <see cref="MisfirePolicy.FireAll"/>: how many late occurrences fire, the newest ones, 1..1,000; default 100. Earlier ones are missed.</summary>
    public int MaxMisfires { get; init; } = 100;

    /// <summary>What becomes of an occurrence while the one before it has not ended; default <see cref="OverlapPolicy.Allow"/>.</summary>
    public OverlapPolicy Overlap { get; init; }

    /// <summary>For people, up to 1,000 characters; null: nothing.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// How the job of each occurrence is enqueued, its headers included; null: as its definition says. Its delay and <see cref="EnqueueOptions.ExpiresIn"/> count from the enqueue. Ids, unique keys and fixed instants are
    /// the schedule's business and are refused; so are options beside a flow, whose steps have their own.
    /// </summary>
    public EnqueueOptions? Enqueue { get; init; }

    /// <summary>How the flow of each occurrence is enqueued; null: as if nothing were said. Its id is the schedule's business and is refused, and so are flow options beside a job.</summary>
    public FlowOptions? Flow { get; init; }

    /// <summary>The flow as somebody wrote it, to be shown again.</summary>
    internal JsonElement? FlowTree { get; init; }
}

/// <summary>What becomes of occurrences that could not be enqueued in time, because no silo ran or the store was away.</summary>
public enum MisfirePolicy
{
    /// <summary>Of all that is due by then the last fires, the others are missed.</summary>
    FireOnce = 0,

    /// <summary>All that is due fires, oldest first, up to <see cref="ScheduleOptions.MaxMisfires"/>.</summary>
    FireAll = 1,

    /// <summary>What is late is missed; what is due and on time fires.</summary>
    Skip = 2,
}

/// <summary>What becomes of an occurrence while the job or flow of the one before it has not ended.</summary>
public enum OverlapPolicy
{
    /// <summary>It fires.</summary>
    Allow = 0,

    /// <summary>It is skipped.</summary>
    Skip = 1,

    /// <summary>The one before is asked to cancel, and it fires; the two may overlap until the handler has ended.</summary>
    CancelPrevious = 2,
}
