namespace Krewe.Schedules;

/// <summary>Where the sun stands, by the equations of NOAA's solar calculator, https://gml.noaa.gov/grad/solcalc/calcdetails.html, which follow Meeus, Astronomical Algorithms. Good to about a minute between the polar circles.</summary>
internal static class Sun
{
    private const int SecondsPerMinute = 60;
    private const double JulianDayOf1970 = 2_440_587.5;
    private const double JulianDayOf2000 = 2_451_545;
    private const double DaysPerCentury = 36_525;
    private const double MinutesPerDegree = 4;
    private const double SunriseZenith = 90.833;

    /// <summary>The position moves while the day goes on: found for the instant of the last guess, until that no longer moves.</summary>
    private const int Rounds = 5;

    /// <summary>When an event happens on the solar day whose mean noon lies on a date of UTC; null: it does not.</summary>
    internal static DateTimeOffset? TimeOf(SolarEvent solarEvent, DateOnly date, double latitude, double longitude)
    {
        var midnight = new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero);
        var minutes = 720 - (MinutesPerDegree * longitude);
        for (var round = 0; round < Rounds; round++)
        {
            var (declination, equationOfTime) = At(midnight.AddMinutes(minutes));
            var noon = 720 - (MinutesPerDegree * longitude) - equationOfTime;
            if (solarEvent == SolarEvent.SolarNoon)
            {
                minutes = noon;
                continue;
            }

            var (zenith, side) = Height(solarEvent);
            var cosine = (Cos(zenith) / (Cos(latitude) * Cos(declination))) - (Tan(latitude) * Tan(declination));
            if (!(Math.Abs(cosine) <= 1))
            {
                return null;
            }

            minutes = noon + (side * MinutesPerDegree * Degrees(Math.Acos(cosine)));
        }

        return midnight.AddSeconds(Math.Floor(minutes * SecondsPerMinute)); // Full seconds: two machines whose mathematics differ in the last digit say the same.
    }

    /// <summary>How far from straight above the sun's centre stands, in degrees, and whether it comes (-1) or goes (1).</summary>
    private static (double Zenith, int Side) Height(SolarEvent solarEvent) => solarEvent switch
    {
        SolarEvent.DawnAstronomical => (108, -1),
        SolarEvent.DawnNautical => (102, -1),
        SolarEvent.DawnCivil => (96, -1),
        SolarEvent.Sunrise => (SunriseZenith, -1),
        SolarEvent.Sunset => (SunriseZenith, 1),
        SolarEvent.DuskCivil => (96, 1),
        SolarEvent.DuskNautical => (102, 1),
        _ => (108, 1),
    };

    /// <summary>The sun's declination in degrees, and the equation of time in minutes.</summary>
    private static (double Declination, double EquationOfTime) At(DateTimeOffset instant)
    {
        var t = ((instant - DateTimeOffset.UnixEpoch).TotalDays + JulianDayOf1970 - JulianDayOf2000) / DaysPerCentury;
        var longitude = (280.46646 + (t * (36_000.76983 + (t * 0.0003032)))) % 360;
        var anomaly = 357.52911 + (t * (35_999.05029 - (0.0001537 * t)));
        var eccentricity = 0.016708634 - (t * (0.000042037 + (0.0000001267 * t)));
        var centre = (Sin(anomaly) * (1.914602 - (t * (0.004817 + (0.000014 * t))))) + (Sin(2 * anomaly) * (0.019993 - (0.000101 * t))) + (Sin(3 * anomaly) * 0.000289);
        var node = 125.04 - (1_934.136 * t);
        var apparent = longitude + centre - 0.00569 - (0.00478 * Sin(node));
        var obliquity = 23 + ((26 + ((21.448 - (t * (46.815 + (t * (0.00059 - (t * 0.001813)))))) / 60)) / 60) + (0.00256 * Cos(node));
        var y = Tan(obliquity / 2) * Tan(obliquity / 2);
        var equation = (y * Sin(2 * longitude)) - (2 * eccentricity * Sin(anomaly)) + (4 * eccentricity * y * Sin(anomaly) * Cos(2 * longitude))
            - (0.5 * y * y * Sin(4 * longitude)) - (1.25 * eccentricity * eccentricity * Sin(2 * anomaly));
        return (Degrees(Math.Asin(Sin(obliquity) * Sin(apparent))), MinutesPerDegree * Degrees(equation));
    }

    private static double Sin(double degrees) => Math.Sin(double.DegreesToRadians(degrees));

    private static double Cos(double degrees) => Math.Cos(double.DegreesToRadians(degrees));

    private static double Tan(double degrees) => Math.Tan(double.DegreesToRadians(degrees));

    private static double Degrees(double radians) => double.RadiansToDegrees(radians);
}
