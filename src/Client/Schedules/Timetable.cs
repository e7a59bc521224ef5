using System.Globalization;

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
    /// <exception cref="InvalidOperationException">It found one that is not later: a fault of ours. Who walks from one to the next would do so for ever; and where it merely ended, a schedule would end for good.</exception>
    internal DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset start) => Find(after, start) is not { } due ? null
        : due > after ? due
        : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"'{this}' must be due later than {after:O}, got {due:O}; nothing is enqueued for it."));

    /// <summary>The instants at which it is due, in order, lazily.</summary>
    /// <inheritdoc cref="Next"/>
    internal IEnumerable<DateTimeOffset> Occurrences(DateTimeOffset after, DateTimeOffset start)
    {
        for (var next = Next(after, start); next is { } due; next = Next(due, start))
        {
            yield return due;
        }
    }

    /// <inheritdoc cref="Next"/>
    protected abstract DateTimeOffset? Find(DateTimeOffset after, DateTimeOffset start);

    /// <summary>In plain words, such as <c>At 02:00, Monday to Friday, Europe/Berlin</c>.</summary>
    public abstract override string ToString();
}
