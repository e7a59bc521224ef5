using System.Globalization;
using Krewe.Definitions;

namespace Krewe.Schedules;

/// <summary>Says in a sentence why a cron expression cannot be read, and where.</summary>
/// <remarks>
/// Cronos says what is wrong with a field, but not where. So the first field that it refuses is given to it once more, a longer beginning at a time, until it is clear how far it came. First the elements of a list, then the characters of the
/// first element that it refuses. It came to the later of
/// <list type="bullet">
/// <item>the last separator behind which it would read a 1. The value there is wrong: the 60 of <c>*/60</c>, the <c>?</c> of <c>5,?</c>, what is missing in <c>1,,2</c>;</item>
/// <item>the end of the longest beginning that it reads, or the begin of the number that is cut there. What follows is not expected: the <c>x</c> of <c>5x</c>, the comma of <c>L,15</c>.</item>
/// </list>
/// In <c>5-70/0</c> that is behind the dash: it reads <c>5-1</c>, but not <c>5-70/1</c>, and of <c>5-7</c> the number is cut.
/// </remarks>
internal static class CronRefusal
{
    /// <summary>Nothing that Cronos reads is longer, such as <c>MON-FRI/02</c>.</summary>
    private const int MaxElementLength = 10;

    private static readonly char[] Separators = [',', '-', '/', '#'];

    internal static InvalidJobException OfLength(string? expression) => new(string.Create(CultureInfo.InvariantCulture,
        $"cron must be 5 fields, or 6 with seconds in front, of 1..{CronText.MaxLength} characters in all, got {(expression?.Length > CronText.MaxLength ? $"{expression.Length} characters" : Violations.Quote(expression))}; write such as '0 2 * * *', every night at two."));

    internal static InvalidJobException OfMacro(string expression, IReadOnlyList<CronPart> parts) =>
        At(expression, parts.Count == 1 ? parts[0] : parts[1], "the macro", "it must be one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, @every_minute and @every_second, alone");

    internal static InvalidJobException OfCount(string expression, IReadOnlyList<CronPart> parts)
    {
        var strange = expression.TakeWhile(static letter => !IsStrange(letter)).Count();
        var place = strange < expression.Length ? $"U+{(int)expression[strange]:X4} at position {strange + 1} separates none"
            : parts.Count > 6 ? $"position {parts[6].From + 1} begins a seventh"
            : $"{CronField.All[parts.Count + 1].Name} is missing at position {expression.Length + 1}";
        return new(string.Create(CultureInfo.InvariantCulture,
            $"cron must be 5 fields (minute, hour, day of month, month, day of week), or 6 with seconds in front, got {parts.Count} in {Violations.Quote(expression)}: {place}; separate them by spaces or tabs."));
    }

    internal static InvalidJobException OfField(string expression, IReadOnlyList<(CronPart Part, CronField Kind)> fields)
    {
        foreach (var ((field, from), kind) in fields)
        {
            if (!CronosReader.Reads(field, kind, out var reason))
            {
                var (stop, isValue) = Stop(field, kind);
                var text = isValue ? field[stop..].Split(Separators)[0] : field[stop..];
                var why = text.Length == 0 ? "a value is missing"
                    : char.IsWhiteSpace(text[0]) ? "fields are separated by spaces or tabs"
                    : char.IsControl(text[0]) ? "a control character"
                    : reason;
                return At(expression, new(text, from + stop), kind.Name, why);
            }
        }

        return new($"cron must be an expression that can be read, got {Violations.Quote(expression)}; correct it.");
    }

    /// <summary>How far Cronos came in a field that it refuses, and whether it is the value there that it refuses.</summary>
    private static (int Stop, bool IsValue) Stop(string field, CronField kind)
    {
        var element = 0;
        for (var comma = field.IndexOf(',', StringComparison.Ordinal); comma > 0 && Reads(comma); comma = field.IndexOf(',', element))
        {
            element = comma + 1;
        }

        var (first, last) = (Math.Max(element - 1, 1), Math.Min(element + MaxElementLength, field.Length));
        var ends = Enumerable.Range(first, last - first + 1).Reverse().ToList();
        var value = ends.Find(end => Separators.Contains(field[end - 1]) && Reads(end, "1"));
        var read = ends.Find(end => Reads(end));
        while (read > 0 && char.IsAsciiDigit(field[read]) && char.IsAsciiDigit(field[read - 1]))
        {
            read--;
        }

        return read > value ? (read, false) : (value, true);

        bool Reads(int end, string more = "") => CronosReader.Reads(field[..end] + more, kind, out _);
    }

    private static bool IsStrange(char letter) => letter is not (' ' or '\t') && (char.IsWhiteSpace(letter) || char.IsControl(letter));

    private static InvalidJobException At(string expression, CronPart part, string field, string why) => new(string.Create(CultureInfo.InvariantCulture,
        $"cron is wrong at position {part.From + 1}, in {field}: {why}, got {Violations.Quote(part.Text)} in {Violations.Quote(expression)}; correct it."));
}
