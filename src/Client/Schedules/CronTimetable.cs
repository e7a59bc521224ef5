using Krewe.Definitions;

namespace Krewe.Schedules;

/// <summary>By a cron expression and the clock of a time zone.</summary>
internal sealed class CronTimetable : Timetable
{
    /// <summary>What is not due within the calendar of Cronos after this never was and never will be: it repeats itself within 400 years.</summary>
    private static readonly DateTimeOffset LongAgo = new(1999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    private readonly CronText _text;
    private readonly TimeZoneInfo _zone;
    private readonly ZoneClock _clock;

    private CronTimetable(CronText text, TimeZoneInfo zone) => (_text, _zone, _clock) = (text, zone, new(zone));

    /// <exception cref="InvalidJobException">The expression cannot be read or is never due, or there is no such time zone.</exception>
    internal static CronTimetable Of(CronRecurrence recurrence)
    {
        var text = CronText.Parse(recurrence.Expression);
        if (!IanaZone.TryFind(recurrence.TimeZone, out var zone))
        {
            throw new InvalidJobException($"timeZone must be the name of an IANA time zone such as Europe/Berlin, got {Violations.Quote(recurrence.TimeZone)}; leave it out for UTC.");
        }

        return text.Cron.GetNextOccurrence(LongAgo, TimeZoneInfo.Utc) is null
            ? throw new InvalidJobException($"cron must be due some day, got {Violations.Quote(recurrence.Expression)}, which no date fits; correct its day of month, month or day of week.")
            : new(text, zone);
    }

    protected override DateTimeOffset? Find(DateTimeOffset after, DateTimeOffset start) => _clock.Next(_text, after);

    public override string ToString() => $"{CronWords.Of(_text)}, {_zone.Id}";
}
