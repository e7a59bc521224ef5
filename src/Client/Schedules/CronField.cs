namespace Krewe.Schedules;

/// <summary>A field of a cron expression.</summary>
/// <param name="Name">As Cronos calls it.</param>
/// <param name="First">Its lowest value.</param>
/// <param name="Last">Its highest value.</param>
internal sealed record CronField(string Name, int First, int Last)
{
    internal static readonly CronField Seconds = new("Seconds", 0, 59);
    internal static readonly CronField Minutes = new("Minutes", 0, 59);
    internal static readonly CronField Hours = new("Hours", 0, 23);
    internal static readonly CronField DaysOfMonth = new("Days of month", 1, 31);
    internal static readonly CronField Months = new("Months", 1, 12);
    internal static readonly CronField DaysOfWeek = new("Days of week", 0, 7);

    /// <summary>All of them, in the order in which they are written.</summary>
    internal static readonly IReadOnlyList<CronField> All = [Seconds, Minutes, Hours, DaysOfMonth, Months, DaysOfWeek];
}
