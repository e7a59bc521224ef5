namespace Krewe.Schedules;

/// <summary>When a schedule is due, as its recurrence, start and end say. Pure: the same instants whoever asks, whenever.</summary>
/// <param name="Timetable">The recurrence.</param>
/// <param name="Anchor">What intervals are counted from.</param>
/// <param name="Start">Nothing is due before; null: no bound.</param>
/// <param name="End">Nothing is due after; null: no bound.</param>
internal sealed record DueRule(Timetable Timetable, DateTimeOffset Anchor, DateTimeOffset? Start, DateTimeOffset? End)
{
    internal static DueRule Of(ScheduleRecord schedule) => Of(schedule.Definition, schedule.Anchor);

    internal static DueRule Of(ScheduleDefinition definition, DateTimeOffset anchor) =>
        new(Timetable.Of(definition.Recurrence!.Read()), anchor, definition.Options!.Start, definition.Options.End);

    /// <summary>What intervals are counted from: so that the first occurrence is at the start, or one interval after the full second in which the definition was made has passed.</summary>
    internal static DateTimeOffset AnchorOf(ScheduleDefinition definition, DateTimeOffset now) =>
        definition is { Options.Start: { } start, Recurrence.Every: { } interval }
            ? (start - DateTimeOffset.MinValue > interval ? start - interval : start)
            : now.AddTicks((TimeSpan.TicksPerSecond - (now.UtcTicks % TimeSpan.TicksPerSecond)) % TimeSpan.TicksPerSecond);

    /// <summary>The rule as if it had held since long before an instant: an interval that is not aligned is counted back from its anchor.</summary>
    internal DueRule From(DateTimeOffset instant) => Timetable is IntervalTimetable { Interval: var interval } && Start is null && instant < Anchor + interval && instant - DateTimeOffset.MinValue > interval * 2
        ? this with { Anchor = Anchor - (interval * (2 + ((Anchor - instant).Ticks / interval.Ticks))) }
        : this;

    /// <summary>The first due instant after another one; null: there is none.</summary>
    internal DateTimeOffset? Next(DateTimeOffset after)
    {
        var from = Start is { } start && start > after ? start.AddTicks(start.UtcTicks > 0 ? -1 : 0) : after;
        return Timetable.Next(from, Anchor) is { } due && !(due > End) ? due : null;
    }

    /// <summary>The due instants after another one, in order, lazily.</summary>
    internal IEnumerable<DateTimeOffset> Occurrences(DateTimeOffset after)
    {
        for (var next = Next(after); next is { } due; next = Next(due))
        {
            yield return due;
        }
    }
}
