namespace Krewe.Schedules;

/// <summary>The clock of a time zone: places the readings that a cron expression names in time.</summary>
/// <remarks>
/// <para>
/// A clock runs evenly in stretches, in each of which its reading is the instant plus the offset of the stretch. Where one ends, the offset changes: forward, and readings are left out (a gap), or backward, and readings come
/// twice (an overlap). Cronos finds readings and knows no zone; which instants they are follows from the offsets of instants alone. What <see cref="TimeZoneInfo"/> says about readings, which is what Cronos goes by where it
/// is given a zone, is not asked: it finds no gap and no overlap where a base offset changes (Moscow 2014) or summer time is the one with the base offset (Dublin, Casablanca).
/// </para>
/// <para>The search is in a stretch, known by an instant and the offset there, and goes on from a reading. What Cronos finds next is</para>
/// <list type="bullet">
/// <item>before the next change of the offset: found;</item>
/// <item>in the gap of that change: found, it is due at the change. Others in the gap are due together with it, since the search goes on behind the gap;</item>
/// <item>later: the search goes on in the next stretch. Behind a gap it begins at the gap's end; at an overlap an interval begins at the overlap's begin and so takes it a second time, fixed times begin at its end.</item>
/// </list>
/// <para>
/// A search may begin anywhere and finds what one that began earlier would: in the second half of an overlap, which is no longer than a day, fixed times begin at its end as well.
/// </para>
/// </remarks>
internal sealed class ZoneClock(TimeZoneInfo zone)
{
    /// <summary>Between these no clock leaves the calendar, nor did it a day before.</summary>
    private static readonly DateTimeOffset First = DateTimeOffset.MinValue.AddDays(2), Last = DateTimeOffset.MaxValue.AddDays(-2);

    /// <summary>Less than between any two changes of a zone; the closest were four days apart, in Freetown in 1939.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromDays(3);

    /// <summary>The first instant after another one at which an expression is due, in full seconds, with the offset then; null: there is none. Begins with the third day of the calendar and ends with its last but two.</summary>
    internal DateTimeOffset? Next(CronText text, DateTimeOffset after)
    {
        if (after > Last)
        {
            return null;
        }

        var at = FullSecond(after < First ? First : after);
        var offset = zone.GetUtcOffset(at);
        var (from, isInclusive) = Begin(text, at, offset);
        while (text.Cron.GetNextOccurrence(from, isInclusive) is { } reading && reading < Last.UtcDateTime)
        {
            if (FirstChange(at, offset, reading - offset) is not { } change)
            {
                return Instant(reading, offset);
            }

            var next = zone.GetUtcOffset(change);
            if (reading < change + next)
            {
                return Instant(change + next, next);
            }

            from = change + (text.IsInterval || next > offset ? next : offset);
            (at, offset, isInclusive) = (change, next, true);
        }

        return null;
    }

    private static DateTime FullSecond(DateTimeOffset instant) => instant.UtcDateTime.AddTicks(-(instant.UtcTicks % TimeSpan.TicksPerSecond));

    private static DateTimeOffset Instant(DateTime reading, TimeSpan offset) => new(reading.Ticks, offset);

    /// <summary>The reading from which a search begins, and whether it counts itself.</summary>
    private (DateTime From, bool IsInclusive) Begin(CronText text, DateTime at, TimeSpan offset)
    {
        var yesterday = at.AddDays(-1);
        return !text.IsInterval && zone.GetUtcOffset(yesterday) is var before && before > offset && Change(yesterday, before, at) + before is var end && end > at + offset
            ? (end, true)
            : (at + offset, false);
    }

    /// <summary>The first instant after one, and not after another, that has another offset; null: there is none.</summary>
    private DateTime? FirstChange(DateTime from, TimeSpan offset, DateTime to)
    {
        while (from < to)
        {
            var next = to - from > Step ? from + Step : to;
            if (zone.GetUtcOffset(next) != offset)
            {
                return Change(from, offset, next);
            }

            from = next;
        }

        return null;
    }

    /// <summary>The instant, to the second, at which an offset ends that holds at one instant and not at another.</summary>
    private DateTime Change(DateTime from, TimeSpan offset, DateTime to)
    {
        while (to - from > TimeSpan.FromSeconds(1))
        {
            var middle = from.AddSeconds(Math.Floor((to - from).TotalSeconds / 2));
            (from, to) = zone.GetUtcOffset(middle) == offset ? (middle, to) : (from, middle);
        }

        return to;
    }
}
