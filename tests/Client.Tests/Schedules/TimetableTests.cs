using System.Globalization;
using Krewe.Schedules;
using Xunit;

namespace Krewe.Client.Tests.Schedules;

public sealed class TimetableTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 8, 7, 30, TimeSpan.Zero);

    [Fact]
    public void Every_IsCountedFromItsStart()
    {
        var five = Timetable.Of(Recurrence.Every(TimeSpan.FromMinutes(5)));

        Assert.Equal([Start.AddMinutes(5), Start.AddMinutes(10)], five.Occurrences(Start, Start).Take(2));
        Assert.Equal(Start.AddMinutes(5), five.Next(Start.AddDays(-1), Start));
        Assert.Equal(Start.AddMinutes(10), five.Next(Start.AddMinutes(5), Start));
        Assert.Equal(Start.AddMinutes(10), five.Next(Start.AddMinutes(10).AddTicks(-1), Start));
        Assert.Equal("Every 5 minutes", five.ToString());
    }

    [Fact]
    public void Every_WhenItIsAligned_KeepsToTheClock()
    {
        var hourly = Timetable.Of(Recurrence.Every(TimeSpan.FromHours(1), isAligned: true));

        Assert.Equal(new DateTimeOffset(2026, 11, 28, 9, 0, 0, TimeSpan.Zero), hourly.Next(Start, Start));
        Assert.Equal(new DateTimeOffset(1969, 12, 31, 23, 0, 0, TimeSpan.Zero), hourly.Next(DateTimeOffset.UnixEpoch.AddHours(-1).AddTicks(-1), Start));
    }

    [Fact]
    public void Every_AtTheEndOfTime_Ends() => Assert.Null(Timetable.Of(Recurrence.Every(TimeSpan.FromDays(3_650))).Next(DateTimeOffset.MaxValue.AddDays(-1), Start));

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(0.999)]
    [InlineData(315_360_001)]
    public void Every_WhenItIsOutOfItsRange_IsRefused(double seconds) =>
        Assert.StartsWith("every must be 1 second to 3,650 days, got ", Assert.Throws<InvalidJobException>(() => Timetable.Of(Recurrence.Every(TimeSpan.FromSeconds(seconds)))).Message, StringComparison.Ordinal);

    [Fact]
    public void At_IsDueOnce()
    {
        var once = Timetable.Of(Recurrence.At(Start));

        Assert.Equal([Start], once.Occurrences(Start.AddTicks(-1), default));
        Assert.Empty(once.Occurrences(Start, default));
        Assert.Equal("Once, at 2026-11-28 08:07:30 +00:00", once.ToString());
    }

    [Fact]
    public void Next_WhenItFoundWhatIsNotLater_Throws()
    {
        var exception = Assert.Throws<InvalidOperationException>(() => new StuckTimetable().Occurrences(Start, default).First());

        Assert.Equal("'Stuck' must be due later than 2026-11-28T08:07:30.0000000+00:00, got 2026-11-28T08:07:30.0000000+00:00; nothing is enqueued for it.", exception.Message);
    }

    /// <summary>London, December 2015, of timeanddate.com; Mauna Kea, July 2003, of the U.S. Naval Observatory.</summary>
    [Theory]
    [InlineData(SolarEvent.DawnCivil, 51.5085, -0.1257, "2015-12-01T07:04Z")]
    [InlineData(SolarEvent.SolarNoon, 51.5085, -0.1257, "2015-12-01T11:49Z")]
    [InlineData(SolarEvent.Sunset, 51.5085, -0.1257, "2015-12-25T15:56Z")]
    [InlineData(SolarEvent.DuskCivil, 51.5085, -0.1257, "2015-12-12T16:31Z")]
    [InlineData(SolarEvent.DuskNautical, 51.5085, -0.1257, "2015-12-25T17:19Z")]
    [InlineData(SolarEvent.DawnCivil, 19.8167, -155.4833, "2003-07-15T15:27Z")]
    [InlineData(SolarEvent.Sunrise, 19.8167, -155.4833, "2003-07-15T15:51Z")]
    [InlineData(SolarEvent.SolarNoon, 19.8167, -155.4833, "2003-07-15T22:28Z")]
    [InlineData(SolarEvent.Sunset, 19.8167, -155.4833, "2003-07-16T05:04Z")]
    [InlineData(SolarEvent.DuskCivil, 19.8167, -155.4833, "2003-07-16T05:28Z")]
    public void Solar_AgreesWithTheAlmanacToAMinute(SolarEvent solarEvent, double latitude, double longitude, string almanac)
    {
        var expected = DateTimeOffset.Parse(almanac, CultureInfo.InvariantCulture);

        var due = Timetable.Of(Recurrence.Solar(solarEvent, latitude, longitude)).Next(expected.AddHours(-3), default)!.Value;

        Assert.InRange((due - expected).TotalSeconds, -60, 60);
    }

    [Fact]
    public void Solar_WherePolarDaysHaveNoEvent_SkipsThem()
    {
        var midsummer = new DateTimeOffset(2026, 6, 21, 0, 0, 0, TimeSpan.Zero);

        var sunset = Timetable.Of(Recurrence.Solar(SolarEvent.Sunset, 69.65, 18.96)).Next(midsummer, default)!.Value; // Tromsø: the sun sets again in the last days of July.

        Assert.InRange(sunset, new DateTimeOffset(2026, 7, 22, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 7, 29, 0, 0, 0, TimeSpan.Zero));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(179.9)]
    [InlineData(-179.9)]
    [InlineData(-74)]
    public void Solar_OverAYear_IsDueOncePerDay(double longitude)
    {
        var start = new DateTimeOffset(2028, 1, 1, 0, 0, 0, TimeSpan.Zero);
        foreach (var solarEvent in Enum.GetValues<SolarEvent>())
        {
            var due = Timetable.Of(Recurrence.Solar(solarEvent, 40, longitude)).Occurrences(start, default).TakeWhile(instant => instant < start.AddDays(366)).ToList();

            Assert.InRange(due.Count, 365, 367);
            Assert.All(due.Zip(due.Skip(1)), pair => Assert.InRange((pair.Second - pair.First).TotalHours, 23.9, 24.1));
        }
    }

    [Theory]
    [InlineData(91, 0, "solar.latitude must be -90..90 degrees, got 91.")]
    [InlineData(0, -180.5, "solar.longitude must be -180..180 degrees, got -180.5.")]
    [InlineData(double.NaN, 0, "solar.latitude must be -90..90 degrees, got NaN.")]
    [InlineData(90, 0, "solar.event must happen some day, got Sunset at latitude 90, where it never does; choose another event.")]
    public void Solar_WhenItCannotBe_IsRefused(double latitude, double longitude, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<InvalidJobException>(() => Timetable.Of(Recurrence.Solar(SolarEvent.Sunset, latitude, longitude))).Message);

    private sealed class StuckTimetable : Timetable
    {
        public override string ToString() => "Stuck";

        protected override DateTimeOffset? Find(DateTimeOffset after, DateTimeOffset start) => after;
    }
}
