using System.Globalization;

namespace Krewe.Schedules;

/// <summary>By the sun. Days without the event are skipped.</summary>
internal sealed class SolarTimetable : Timetable
{
    /// <summary>Beyond the longest polar night and day together.</summary>
    private const int MaxDays = 400;

    private static readonly DateTimeOffset Latest = new(9990, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Earliest = new(1, 1, 10, 0, 0, 0, TimeSpan.Zero);

    private readonly SolarRecurrence _recurrence;

    /// <exception cref="InvalidJobException">A coordinate is out of its range, or the event never happens there.</exception>
    internal SolarTimetable(SolarRecurrence recurrence)
    {
        _recurrence = recurrence;
        Check("latitude", recurrence.Latitude, 90);
        Check("longitude", recurrence.Longitude, 180);
        if (!Enum.IsDefined(recurrence.SolarEvent))
        {
            throw new InvalidJobException($"solar.event must be one of {string.Join(", ", Enum.GetNames<SolarEvent>())}, got {recurrence.SolarEvent}.");
        }

        if (Next(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), default) is null)
        {
            throw new InvalidJobException(string.Create(CultureInfo.InvariantCulture, $"solar.event must happen some day, got {recurrence.SolarEvent} at latitude {recurrence.Latitude}, where it never does; choose another event."));
        }
    }

    protected override DateTimeOffset? Find(DateTimeOffset after, DateTimeOffset start)
    {
        var from = after.ToUniversalTime();
        if (from > Latest)
        {
            return null;
        }

        from = from < Earliest ? Earliest : from;
        for (var day = -2; day < MaxDays; day++) // The noon of a day may be up to half a day off, and an event half a day more.
        {
            if (Sun.TimeOf(_recurrence.SolarEvent, DateOnly.FromDateTime(from.UtcDateTime.Date).AddDays(day), _recurrence.Latitude, _recurrence.Longitude) is { } due && due > after)
            {
                return due;
            }
        }

        return null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"At every {Words(_recurrence.SolarEvent)} at latitude {_recurrence.Latitude}, longitude {_recurrence.Longitude}");

    private static void Check(string name, double value, double bound)
    {
        if (!(Math.Abs(value) <= bound))
        {
            throw new InvalidJobException(string.Create(CultureInfo.InvariantCulture, $"solar.{name} must be -{bound}..{bound} degrees, got {value}."));
        }
    }

    private static string Words(SolarEvent solarEvent) => solarEvent switch
    {
        SolarEvent.DawnAstronomical => "astronomical dawn",
        SolarEvent.DawnNautical => "nautical dawn",
        SolarEvent.DawnCivil => "civil dawn",
        SolarEvent.Sunrise => "sunrise",
        SolarEvent.SolarNoon => "solar noon",
        SolarEvent.Sunset => "sunset",
        SolarEvent.DuskCivil => "civil dusk",
        SolarEvent.DuskNautical => "nautical dusk",
        _ => "astronomical dusk",
    };
}
