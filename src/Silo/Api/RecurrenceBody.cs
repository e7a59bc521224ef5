using Krewe.Schedules;

namespace Krewe.Api;

/// <summary>When something is due, as it is written in a request: exactly one of <c>cron</c>, <c>every</c>, <c>at</c> and <c>solar</c>.</summary>
/// <param name="Cron">Five fields, or six with seconds in front.</param>
/// <param name="TimeZone">Of cron: an IANA time zone; absent: UTC.</param>
/// <param name="Every">An interval of at least a second.</param>
/// <param name="Aligned">Of every: at the multiples of the interval since 1970, UTC.</param>
/// <param name="At">Once.</param>
/// <param name="Solar">By the sun.</param>
internal record RecurrenceBody(string? Cron = null, string? TimeZone = null, TimeSpan? Every = null, bool? Aligned = null, DateTimeOffset? At = null, SolarBody? Solar = null)
{
    /// <summary>What it means.</summary>
    /// <exception cref="InvalidJobException">There is not exactly one kind, or something stands beside another kind than its own.</exception>
    public Recurrence Read() => new RecurrenceParts(Cron, TimeZone, Every, Aligned, At, Solar is null ? null : Recurrence.Solar(Solar.Event, Solar.Latitude, Solar.Longitude)).Read();
}

/// <summary>A place and what the sun does there.</summary>
/// <param name="Event">What it does.</param>
/// <param name="Latitude">Degrees, north positive.</param>
/// <param name="Longitude">Degrees, east positive.</param>
internal sealed record SolarBody(SolarEvent Event, double Latitude, double Longitude);
