using System.Globalization;
using Krewe.Flows;

namespace Krewe.Schedules;

/// <summary>Ids of the jobs and flows of occurrences: schedule, incarnation and due instant, so that whoever enqueues an occurrence enqueues the same.</summary>
internal static class OccurrenceIds
{
    /// <summary>Of a due instant, such as <c>daily-reports.k3f9x2ab.20261128T020000Z</c>; an id of a hundred characters is shortened by a hash.</summary>
    internal static string Of(ScheduleRecord schedule, DateTimeOffset due) => Shorten(schedule, due.UtcDateTime.ToString("yyyyMMdd'T'HHmmss.FFFFFFF'Z'", CultureInfo.InvariantCulture));

    /// <summary>Of a trigger by hand.</summary>
    internal static string Of(ScheduleRecord schedule, string nonce) => Shorten(schedule, $"by-hand-{nonce}");

    private static string Shorten(ScheduleRecord schedule, string what) => FlowIds.Shorten($"{schedule.Id}.{schedule.Incarnation}.{what}");
}
