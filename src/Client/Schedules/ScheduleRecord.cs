using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Krewe.Schedules;

/// <summary>A schedule as it is stored, and as it travels: JSON of these members. What a version does not know is kept.</summary>
internal sealed record ScheduleRecord
{
    public required string Id { get; init; }

    /// <summary>Tells it from one of the same id that was deleted: a part of its occurrences' ids.</summary>
    public required string Incarnation { get; init; }

    /// <summary>1, and one more with every change of the definition.</summary>
    public int Revision { get; init; } = 1;

    /// <summary>The key of the order that changed it last, by which its repetition is known.</summary>
    public string? Order { get; init; }

    public ScheduleSource Source { get; init; }

    /// <summary>What holds.</summary>
    public required ScheduleDefinition Definition { get; init; }

    /// <summary>What code or configuration says; null: they do not know it.</summary>
    public ScheduleDefinition? Seed { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>What intervals are counted from.</summary>
    public DateTimeOffset Anchor { get; init; }

    /// <summary>The last due instant that was dealt with.</summary>
    public DateTimeOffset? LastDue { get; init; }

    /// <summary>The next one, without jitter; null: there is none, or it is paused.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>Occurrences that count against the bound of runs.</summary>
    public long Runs { get; init; }

    public long Fired { get; init; }

    public long Skipped { get; init; }

    public long Missed { get; init; }

    /// <summary>The job or flow of the last occurrence, for the overlap policy.</summary>
    public string? LastJobId { get; init; }

    /// <summary>The last ones, oldest first.</summary>
    public IReadOnlyList<ScheduleOccurrence> Occurrences { get; init; } = [];

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }

    [JsonIgnore]
    internal string ETag => string.Create(CultureInfo.InvariantCulture, $"{Incarnation}-{Revision}");

    [JsonIgnore]
    internal bool IsOverridden => Seed is not null && !ScheduleJson.IsSame(Seed, Definition);
}

/// <summary>What a schedule is told to do. In an update, what is null stays.</summary>
internal sealed record ScheduleDefinition
{
    public StoredRecurrence? Recurrence { get; init; }

    /// <summary>The stable name of the job it enqueues; null: it enqueues a flow.</summary>
    public string? Job { get; init; }

    public JsonElement? Args { get; init; }

    /// <summary>The queue of that job where the options name none, as it was found when this was written: a silo that fires it need not know the job, and another queue would know another id.</summary>
    public string? Queue { get; init; }

    /// <summary>The nodes of the flow, in the form in which they travel.</summary>
    public byte[]? Flow { get; init; }

    /// <summary>The flow as somebody wrote it.</summary>
    public JsonElement? FlowTree { get; init; }

    public ScheduleOptions? Options { get; init; }

    /// <summary>On its way only: the options that the job brought along, which become <see cref="ScheduleOptions.Enqueue"/>.</summary>
    public EnqueueOptions? Enqueue { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>A recurrence as it is stored: one of its kinds is set.</summary>
internal sealed record StoredRecurrence
{
    public string? Cron { get; init; }

    public string? TimeZone { get; init; }

    public TimeSpan? Every { get; init; }

    public bool IsAligned { get; init; }

    public DateTimeOffset? At { get; init; }

    public SolarEvent? Solar { get; init; }

    public double Latitude { get; init; }

    public double Longitude { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }

    internal static StoredRecurrence Of(Recurrence recurrence) => recurrence switch
    {
        CronRecurrence cron => new() { Cron = cron.Expression, TimeZone = cron.TimeZone },
        IntervalRecurrence interval => new() { Every = interval.Interval, IsAligned = interval.IsAligned },
        OneOffRecurrence once => new() { At = once.Instant },
        SolarRecurrence solar => new() { Solar = solar.SolarEvent, Latitude = solar.Latitude, Longitude = solar.Longitude },
        _ => throw new InvalidJobException("A schedule must have one of cron, every, at and solar, got none."),
    };

    /// <exception cref="InvalidJobException">A newer version wrote a kind that this one does not know.</exception>
    internal Recurrence Read() => this switch
    {
        { Cron: { } cron } => new CronRecurrence(cron, TimeZone ?? "UTC"),
        { Every: { } interval } => new IntervalRecurrence(interval, IsAligned),
        { At: { } instant } => new OneOffRecurrence(instant),
        { Solar: { } solar } => new SolarRecurrence(solar, Latitude, Longitude),
        _ => throw new InvalidJobException("A schedule must have one of cron, every, at and solar, got a kind that this version does not know; upgrade it."),
    };
}
