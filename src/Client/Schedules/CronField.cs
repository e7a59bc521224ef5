namespace Krewe.Schedules;

/// <summary>A field of a cron expression.</summary>
/// <param name="Name">As docs and sentences call it.</param>
/// <param name="First">Its lowest value.</param>
/// <param name="Last">Its highest value.</param>
internal sealed record CronField(string Name, int First, int Last)
{
    internal static readonly CronField Second = new("second", 0, 59);
    internal static readonly CronField Minute = new("minute", 0, 59);
    internal static readonly CronField Hour = new("hour", 0, 23);
    internal static readonly CronField DayOfMonth = new("day of month", 1, 31);
    internal static readonly CronField Month = new("month", 1, 12);
    internal static readonly CronField DayOfWeek = new("day of week", 0, 7);

    /// <summary>All of them, in the order in which they are written.</summary>
    internal static readonly IReadOnlyList<CronField> All = [Second, Minute, Hour, DayOfMonth, Month, DayOfWeek];
}
