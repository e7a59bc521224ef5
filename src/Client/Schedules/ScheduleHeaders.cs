using System.Globalization;

namespace Krewe.Schedules;

/// <summary>The headers that the jobs of an occurrence have beside their own.</summary>
internal static class ScheduleHeaders
{
    internal const int Count = 2;

    /// <summary>The schedule's id.</summary>
    internal const string Schedule = "krewe-schedule";

    /// <summary>The due instant, ISO 8601, UTC; of a trigger by hand: when it was asked for.</summary>
    internal const string Due = "krewe-due";

    /// <summary>Headers with these on top.</summary>
    internal static IReadOnlyDictionary<string, string> On(IReadOnlyDictionary<string, string>? headers, string scheduleId, DateTimeOffset due) => new Dictionary<string, string>(headers ?? new Dictionary<string, string>())
    {
        [Schedule] = scheduleId,
        [Due] = due.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
    };
}
