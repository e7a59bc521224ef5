namespace Krewe;

/// <summary>A schedule of the section <c>Krewe:Schedules</c>: exactly one of <see cref="Cron"/>, <see cref="Every"/>, <see cref="At"/> and <see cref="Solar"/>, and a job.</summary>
public sealed class ScheduleSettings
{
    /// <summary>A cron expression; see <see cref="CronRecurrence"/>.</summary>
    public string? Cron { get; set; }

    /// <summary>Of <see cref="Cron"/>: an IANA time zone; null: UTC.</summary>
    public string? TimeZone { get; set; }

    /// <summary>An interval, 1 second..3,650 days.</summary>
    public TimeSpan? Every { get; set; }

    /// <summary>Of <see cref="Every"/>: at the multiples of the interval since 1970, UTC; null: no.</summary>
    public bool? Aligned { get; set; }

    /// <summary>Once, at this instant.</summary>
    public DateTimeOffset? At { get; set; }

    /// <summary>By the sun.</summary>
    public SolarSettings? Solar { get; set; }

    /// <summary>The stable name of the job.</summary>
    public string? Job { get; set; }

    /// <summary>Its args: the text of a JSON object, or such an object as configuration holds it (where <c>5</c>, <c>true</c> and <c>null</c> are no strings); null: <c>{}</c>.</summary>
    public string? Args { get; set; }

    /// <summary>Headers of each job; null: none.</summary>
    public Dictionary<string, string>? Headers { get; set; }

    /// <summary>What each enqueue sets. Retry delays and filters are set where the job is: in <c>Krewe:Jobs</c>.</summary>
    public JobOptions Options { get; set; } = new();

    /// <inheritdoc cref="EnqueueOptions.Delay"/>
    public TimeSpan? Delay { get; set; }

    /// <inheritdoc cref="EnqueueOptions.ExpiresIn"/>
    public TimeSpan? ExpiresIn { get; set; }

    /// <inheritdoc cref="ScheduleOptions.Enabled"/>
    public bool Enabled { get; set; } = true;

    /// <inheritdoc cref="ScheduleOptions.Start"/>
    public DateTimeOffset? Start { get; set; }

    /// <inheritdoc cref="ScheduleOptions.End"/>
    public DateTimeOffset? End { get; set; }

    /// <inheritdoc cref="ScheduleOptions.MaxRuns"/>
    public long? MaxRuns { get; set; }

    /// <inheritdoc cref="ScheduleOptions.Jitter"/>
    public TimeSpan Jitter { get; set; }

    /// <inheritdoc cref="ScheduleOptions.Misfire"/>
    public MisfirePolicy? Misfire { get; set; }

    /// <inheritdoc cref="ScheduleOptions.MisfireThreshold"/>
    public TimeSpan? MisfireThreshold { get; set; }

    /// <inheritdoc cref="ScheduleOptions.MaxMisfires"/>
    public int? MaxMisfires { get; set; }

    /// <inheritdoc cref="ScheduleOptions.Overlap"/>
    public OverlapPolicy? Overlap { get; set; }

    /// <inheritdoc cref="ScheduleOptions.Description"/>
    public string? Description { get; set; }
}

/// <summary>A place and what the sun does there; see <see cref="SolarRecurrence"/>.</summary>
public sealed class SolarSettings
{
    /// <summary>What the sun does.</summary>
    public SolarEvent? Event { get; set; }

    /// <summary>Degrees, north positive.</summary>
    public double? Latitude { get; set; }

    /// <summary>Degrees, east positive.</summary>
    public double? Longitude { get; set; }
}
