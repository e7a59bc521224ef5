namespace Krewe.Schedules;

/// <summary>A recurrence that can be, made ready to say when it is due. Immutable and thread-safe.</summary>
internal abstract class Timetable
{
    /// <summary>Reads a recurrence.</summary>
    /// <exception cref="InvalidJobException">It cannot be; the sentence says what was expected, what came and what to do.</exception>
    internal static Timetable Of(Recurrence recurrence) => recurrence switch
    {
        CronRecurrence cron => CronTimetable.Of(cron),
        IntervalRecurrence interval => new IntervalTimetable(interval),
        OneOffRecurrence once => new OneOffTimetable(once.Instant),
        SolarRecurrence solar => new SolarTimetable(solar),
        _ => throw new InvalidJobException("A schedule must have one of cron, every, at and solar, got none."),
    };

    /// <summary>The first instant after another one at which it is due, with the offset of its time zone; null: there is none.</summary>
    /// <param name="after">Strictly later than this.</param>
    /// <param name="start">What intervals are counted from.</param>
    internal abstract DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset start);

    /// <summary>The instants at which it is due, in order, lazily.</summary>
    /// <inheritdoc cref="Next"/>
    internal IEnumerable<DateTimeOffset> Occurrences(DateTimeOffset after, DateTimeOffset start)
    {
        for (var next = Next(after, start); next is { } due; next = Next(due, start))
        {
            yield return due;
        }
    }

    /// <summary>In plain words, such as <c>At 02:00, Monday to Friday, Europe/Berlin</c>.</summary>
    public abstract override string ToString();
}
