using System.Globalization;

namespace Krewe.Schedules;

/// <summary>One instant.</summary>
internal sealed class OneOffTimetable(DateTimeOffset instant) : Timetable
{
    protected override DateTimeOffset? Find(DateTimeOffset after, DateTimeOffset start) => instant > after ? instant : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Once, at {instant:yyyy-MM-dd HH:mm:ss zzz}");
}
