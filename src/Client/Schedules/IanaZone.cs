using System.Diagnostics.CodeAnalysis;

namespace Krewe.Schedules;

/// <summary>Finds time zones by their IANA names.</summary>
/// <remarks>
/// The folder in which a system keeps its zones holds more than the database names: the zone of the machine (<c>localtime</c>, <c>posixrules</c>), a stand-in (<c>Factory</c>), all zones over again (<c>posix</c>, and with leap
/// seconds <c>right</c>), and a path leads to one file by many names. A schedule means the same on each silo, so only names of the database count.
/// </remarks>
internal static class IanaZone
{
    private static readonly string[] NoZones = ["localtime", "posixrules", "Factory", "posix", "right"];

    internal static bool TryFind(string? name, [NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        zone = null;
        return name?.Split('/') is { } parts && parts.All(IsPart) && !NoZones.Contains(parts[0], StringComparer.OrdinalIgnoreCase)
            && TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone) && zone.HasIanaId && zone.Id == name;
    }

    private static bool IsPart(string part) => part.Length > 0 && part.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '+');
}
