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
    /// <exception cref="RequestRefusedException">There is not exactly one kind, or something stands beside another kind than its own.</exception>
    public Recurrence Read()
    {
        (string Name, bool IsThere)[] kinds = [("cron", Cron is not null), ("every", Every is not null), ("at", At is not null), ("solar", Solar is not null)];
        var given = kinds.Where(static kind => kind.IsThere).Select(static kind => kind.Name).ToList();
        if (given is not [var only])
        {
            throw RequestRefusedException.BadRequest($"A schedule must have one of cron, every, at and solar, got {(given.Count == 0 ? "none" : string.Join(" and ", given))}.");
        }

        Require(TimeZone is not null, "timeZone", "cron", only);
        Require(Aligned is not null, "aligned", "every", only);
        return only switch
        {
            "cron" => Recurrence.Cron(Cron!, TimeZone ?? "UTC"),
            "every" => Recurrence.Every(Every!.Value, Aligned ?? false),
            "at" => Recurrence.At(At!.Value),
            _ => Recurrence.Solar(Solar!.Event, Solar.Latitude, Solar.Longitude),
        };
    }

    private static void Require(bool isThere, string name, string beside, string kind)
    {
        if (isThere && kind != beside)
        {
            throw RequestRefusedException.BadRequest($"'{name}' must stand beside {beside}, got it beside {kind}; leave it out.");
        }
    }
}

/// <summary>A place and what the sun does there.</summary>
/// <param name="Event">What it does.</param>
/// <param name="Latitude">Degrees, north positive.</param>
/// <param name="Longitude">Degrees, east positive.</param>
internal sealed record SolarBody(SolarEvent Event, double Latitude, double Longitude);
