namespace Krewe;

/// <summary>When something is due, again and again or once. Says the same instants whoever asks, whenever. What cannot be is refused where it is used, with a sentence.</summary>
/// <example><code>
/// Recurrence.Cron("0 2 * * *", "Europe/Berlin")          // every night at two, by the clocks of Berlin
/// Recurrence.Every(TimeSpan.FromMinutes(5))              // every five minutes from the start
/// Recurrence.At(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero))
/// Recurrence.Solar(SolarEvent.Sunset, 52.52, 13.40)      // every sunset of Berlin
/// </code></example>
public abstract record Recurrence
{
    private protected Recurrence()
    {
    }

    /// <summary>By a cron expression.</summary>
    /// <inheritdoc cref="CronRecurrence"/>
    public static CronRecurrence Cron(string expression, string timeZone = "UTC") => new(expression, timeZone);

    /// <summary>Every so often.</summary>
    /// <inheritdoc cref="IntervalRecurrence"/>
    public static IntervalRecurrence Every(TimeSpan interval, bool isAligned = false) => new(interval, isAligned);

    /// <summary>Once.</summary>
    /// <inheritdoc cref="OneOffRecurrence"/>
    public static OneOffRecurrence At(DateTimeOffset instant) => new(instant);

    /// <summary>By the sun.</summary>
    /// <inheritdoc cref="SolarRecurrence"/>
    public static SolarRecurrence Solar(SolarEvent solarEvent, double latitude, double longitude) => new(solarEvent, latitude, longitude);
}

/// <summary>By a cron expression and the clocks of a time zone.</summary>
/// <param name="Expression">
/// Five fields (minute, hour, day of month, month, day of week), or six with seconds in front, up to 1,000 characters: values, names (<c>JAN</c>, <c>MON</c>), ranges, steps, lists, <c>L</c>, <c>W</c>, <c>#</c>; or
/// <c>@yearly</c>, <c>@annually</c>, <c>@monthly</c>, <c>@weekly</c>, <c>@daily</c>, <c>@midnight</c>, <c>@hourly</c>, <c>@every_minute</c>, <c>@every_second</c>. Where day of month and day of week are both
/// restricted, both must hold. A list may have <c>*</c> and <c>*/n</c> beside values and ranges.
/// </param>
/// <param name="TimeZone">The IANA time zone whose clocks are meant, such as <c>Europe/Berlin</c>; default: UTC. Names of a machine's own, such as <c>localtime</c>, are refused.</param>
/// <remarks>
/// When clocks go forward, what is due in the time that is left out is due at the first instant after it. When they go back, a fixed time in the hour that comes twice is due once, the first time; an interval
/// (<c>*</c>, ranges and steps in seconds, minutes or hours) runs on through both. These are the rules of Cronos, https://github.com/HangfireIO/Cronos, which reads the expression;
/// they hold for any change of a zone's offset.
/// </remarks>
public sealed record CronRecurrence(string Expression, string TimeZone) : Recurrence;

/// <summary>Every so often.</summary>
/// <param name="Interval">1 second to 3,650 days.</param>
/// <param name="IsAligned">False: counted from the start; true: at the multiples of the interval since 1970-01-01 UTC, so that every hour is at the full hour.</param>
public sealed record IntervalRecurrence(TimeSpan Interval, bool IsAligned) : Recurrence;

/// <summary>Once.</summary>
/// <param name="Instant">When.</param>
public sealed record OneOffRecurrence(DateTimeOffset Instant) : Recurrence;

/// <summary>By the sun, to about a minute; days on which it does not pass the height are skipped, as in polar summers.</summary>
/// <param name="SolarEvent">What the sun does.</param>
/// <param name="Latitude">Degrees, -90..90, north positive.</param>
/// <param name="Longitude">Degrees, -180..180, east positive.</param>
public sealed record SolarRecurrence(SolarEvent SolarEvent, double Latitude, double Longitude) : Recurrence;
