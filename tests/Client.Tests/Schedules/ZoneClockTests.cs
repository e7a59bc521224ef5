using CsCheck;
using Krewe.Client.Tests.Fakes;
using Krewe.Schedules;
using Xunit;

namespace Krewe.Client.Tests.Schedules;

public sealed class ZoneClockTests
{
    private static readonly string[] Zones =
    [
        "UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Moscow", "Europe/Volgograd", "Europe/Istanbul", "Africa/Casablanca", "Africa/Cairo", "America/New_York", "America/St_Johns", "America/Sao_Paulo",
        "America/Caracas", "America/Havana", "Antarctica/Troll", "Asia/Kolkata", "Asia/Pyongyang", "Asia/Tehran", "Atlantic/Azores", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham",
    ];

    /// <summary>From 2007 to 2032, each to the second.</summary>
    private static readonly IReadOnlyList<(TimeZoneInfo Zone, DateTimeOffset Change)> Changes = [.. Zones.Select(TimeZoneInfo.FindSystemTimeZoneById).SelectMany(ChangesOf)];

    private static readonly Gen<CronCase> AnyTime =
        from minute in CronCase.Field(59, 60)
        from hour in CronCase.Field(23, 24)
        from dayOfWeek in Gen.Frequency((3, Gen.Const(CronCase.Any(7))), (1, CronCase.Field(7, 7)))
        select new CronCase(minute, hour, dayOfWeek);

    private static readonly Gen<string> AnyExpression =
        from second in Gen.OneOf("", "0 ", "*/20,7 ", "55-5/3 ", "30 ")
        from time in AnyTime
        from day in Gen.OneOf("*", "*", "*", "L", "LW", "15W", "13", "28-3/2", "*/10,5")
        from month in Gen.OneOf("*", "*", "*/5,2", "OCT-MAR")
        select $"{second}{time.Minute.Text} {time.Hour.Text} {day} {month} {time.DayOfWeek.Text}";

    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("Pacific/Kiritimati")]
    public void Preview_AtTheEndsOfTheCalendar_IsAList(string zone)
    {
        var schedules = new FakeCluster().Client().Schedules;

        foreach (var cron in new[] { "0 * * * *", "59 23 * * *", "0 0 1 1 *" })
        {
            Assert.Empty(schedules.Preview(Recurrence.Cron(cron, zone), DateTimeOffset.MaxValue));
            Assert.Empty(schedules.Preview(Recurrence.Cron(cron, zone), DateTimeOffset.MaxValue.AddHours(-13)));
            Assert.True(schedules.Preview(Recurrence.Cron(cron, zone), DateTimeOffset.MaxValue.AddDays(-5)).Count < 100);
            Assert.Equal(10, schedules.Preview(Recurrence.Cron(cron, zone), DateTimeOffset.MinValue).Count);
        }
    }

    [Fact]
    public void Occurrences_WhereverTheyBegin_GoOnAsTheSameList() =>
        Gen.Select(AnyExpression, Gen.Int[0, Changes.Count - 1], Gen.Long[-50 * TimeSpan.TicksPerHour, 50 * TimeSpan.TicksPerHour], Gen.Int[0, 20]).Sample(
            (cron, index, ticks, middle) =>
            {
                var (zone, change) = Changes[index];
                if (Read(cron, zone) is not { } timetable)
                {
                    return;
                }

                var dues = timetable.Occurrences(change.AddTicks(ticks), default).Take(24).ToList();

                Assert.Equal(24, dues.Count);
                Assert.All(dues.Prepend(change.AddTicks(ticks)).Zip(dues), static pair => Assert.True(pair.First < pair.Second));
                Assert.All(dues, due => Assert.Equal(zone.GetUtcOffset(due), due.Offset));
                Assert.Equal(dues.Skip(middle + 1), timetable.Occurrences(dues[middle], default).Take(23 - middle));
                Assert.Equal(dues.Skip(middle), timetable.Occurrences(dues[middle].AddTicks(-1), default).Take(24 - middle));
            },
            iter: 500);

    [Fact]
    public void Occurrences_AroundAChange_AreThoseOfAWalkOverTheClock() =>
        Gen.Select(AnyTime, Gen.Int[0, Changes.Count - 1], Gen.Int[0, 36 * 60]).Sample(
            (cron, index, minutes) =>
            {
                var (zone, change) = Changes[index];
                var (after, end) = (change.AddMinutes(-minutes), change.AddHours(36));

                var dues = Timetable.Of(Recurrence.Cron(cron.ToString(), zone.Id)).Occurrences(after, default).TakeWhile(due => due <= end);

                Assert.Equal(Walk(cron, zone, change).Where(due => due > after && due <= end), dues);
            },
            iter: 2_000);

    /// <summary>Minute by minute: each reading from two days before a change to three days after it, at the instants whose offset gives it; in the gap, at the change.</summary>
    private static SortedSet<DateTimeOffset> Walk(CronCase cron, TimeZoneInfo zone, DateTimeOffset change)
    {
        var (before, behind) = (zone.GetUtcOffset(change.AddSeconds(-1)), zone.GetUtcOffset(change));
        var dues = new SortedSet<DateTimeOffset>();
        for (var reading = change.UtcDateTime.Date.AddDays(-2); reading < change.UtcDateTime.AddDays(3); reading = reading.AddMinutes(1))
        {
            if (!cron.Matches(reading))
            {
                continue;
            }

            var (first, second) = (new DateTimeOffset(reading.Ticks, before), new DateTimeOffset(reading.Ticks, behind));
            var (isFirst, isSecond) = (first < change, second >= change);
            if (isFirst)
            {
                dues.Add(first);
            }

            if (isSecond && (cron.IsInterval || !isFirst))
            {
                dues.Add(second);
            }

            if (!isFirst && !isSecond)
            {
                dues.Add(change);
            }
        }

        return dues;
    }

    private static Timetable? Read(string cron, TimeZoneInfo zone)
    {
        try
        {
            return Timetable.Of(Recurrence.Cron(cron, zone.Id));
        }
        catch (InvalidJobException exception) when (exception.Message.StartsWith("cron must be due some day", StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>By the offsets of days, and a search between two that differ. A zone without any gives one day.</summary>
    private static IEnumerable<(TimeZoneInfo Zone, DateTimeOffset Change)> ChangesOf(TimeZoneInfo zone)
    {
        var start = new DateTimeOffset(2007, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var changes = Enumerable.Range(0, 25 * 365).Select(day => start.AddDays(day)).Where(day => zone.GetUtcOffset(day) != zone.GetUtcOffset(day.AddDays(1))).Select(day =>
        {
            var (from, to) = (0, 24 * 60 * 60);
            while (to - from > 1)
            {
                var middle = (from + to) / 2;
                (from, to) = zone.GetUtcOffset(day.AddSeconds(middle)) == zone.GetUtcOffset(day) ? (middle, to) : (from, middle);
            }

            return day.AddSeconds(to);
        });
        return changes.DefaultIfEmpty(start).Select(change => (zone, change));
    }
}
