using System.Buffers;
using System.Globalization;

namespace Krewe.Hosting;

/// <summary>Durations as people write them: <c>30s</c>, <c>1.5h</c>, <c>1h30m</c>, <c>250ms</c>, <c>00:00:30</c>, <c>1.00:00:00</c>, and <c>0</c>.</summary>
internal static class Durations
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Ends a sentence about a duration that does not read.</summary>
    internal const string Examples = "such as 30s, 5m or 00:00:30";

    /// <summary>Reads a duration. A bare number other than 0 does not read: it does not say its unit.</summary>
    internal static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = (text ?? "").AsSpan().Trim();
        if (rest is "0")
        {
            return true;
        }

        if (rest.Contains(':'))
        {
            return TimeSpan.TryParseExact(rest, "c", CultureInfo.InvariantCulture, out duration);
        }

        return !rest.IsEmpty && TryParseUnits(rest, out duration);
    }

    private static bool TryParseUnits(ReadOnlySpan<char> rest, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var letters = rest.IndexOfAny(Digits);
            var unit = letters < 0 ? rest : rest[..letters];
            rest = letters < 0 ? [] : rest[letters..];
            if (SecondsOf(unit) is not { } seconds || (duration.TotalSeconds + (number * seconds)) >= TimeSpan.MaxValue.TotalSeconds)
            {
                return false;
            }

            duration += TimeSpan.FromSeconds(number * seconds);
        }

        return true;
    }

    private static double? SecondsOf(ReadOnlySpan<char> unit) => unit switch
    {
        "ms" => 0.001,
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => null,
    };
}
