using System.Globalization;

namespace Krewe.Schedules;

/// <summary>Every so often, counted from a start or from the beginning of 1970. The first is one interval after the start.</summary>
internal sealed class IntervalTimetable : Timetable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3_650);

    private readonly TimeSpan _interval;
    private readonly bool _isAligned;

    /// <exception cref="InvalidJobException">The interval is out of its range.</exception>
    internal IntervalTimetable(IntervalRecurrence recurrence)
    {
        (_interval, _isAligned) = (recurrence.Interval, recurrence.IsAligned);
        if (_interval < Shortest || _interval > Longest)
        {
            throw new InvalidJobException(string.Create(CultureInfo.InvariantCulture, $"every must be 1 second to 3,650 days, got {_interval:c}; for less, let a job that runs go on by itself."));
        }
    }

    internal TimeSpan Interval => _interval;

    protected override DateTimeOffset? Find(DateTimeOffset after, DateTimeOffset start)
    {
        var from = (_isAligned ? DateTimeOffset.UnixEpoch : start).UtcTicks;
        var passed = Math.DivRem(after.UtcTicks - from, _interval.Ticks, out var rest) - (rest < 0 ? 1 : 0);
        var number = _isAligned ? passed + 1 : Math.Max(1, passed + 1);
        return number > (DateTimeOffset.MaxValue.UtcTicks - from) / _interval.Ticks ? null : new DateTimeOffset(from + (number * _interval.Ticks), TimeSpan.Zero);
    }

    public override string ToString() => $"Every {Words(_interval)}{(_isAligned ? ", at the multiples since 1970, UTC" : "")}";

    private static string Words(TimeSpan span)
    {
        (int Count, string Unit)[] parts = [(span.Days, "day"), (span.Hours, "hour"), (span.Minutes, "minute"), (span.Seconds, "second"), (span.Milliseconds, "millisecond")];
        var said = parts.Where(static part => part.Count > 0).ToList();
        return said is [(1, var unit)] ? unit : string.Join(' ', said.Select(static part => string.Create(CultureInfo.InvariantCulture, $"{part.Count} {part.Unit}{(part.Count == 1 ? "" : "s")}")));
    }
}
