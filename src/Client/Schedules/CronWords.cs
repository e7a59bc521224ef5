using System.Globalization;

namespace Krewe.Schedules;

/// <summary>Says a cron expression in plain words: <c>At 02:00, Monday to Friday</c>, <c>Every 5 minutes, from 09:00 to 17:59</c>.</summary>
internal static class CronWords
{
    private const int MaxTimes = 6;

    private static readonly string[] Days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private static readonly string[] Months =
        ["", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    internal static string Of(CronText text) => text.Macro is { } macro ? OfMacro(macro) : OfFields(text.Fields);

    private static string OfMacro(string macro) => macro switch
    {
        "@yearly" or "@annually" => "At 00:00, on day 1 of the month, in January",
        "@monthly" => "At 00:00, on day 1 of the month",
        "@weekly" => "At 00:00, on Sunday",
        "@daily" or "@midnight" => "At 00:00",
        "@hourly" => "Every hour",
        "@every_minute" => "Every minute",
        _ => "Every second",
    };

    private static string OfFields(IReadOnlyList<string> fields)
    {
        var parts = new List<string> { Time(fields[0], fields[1], fields[2]) };
        var isAnyDay = IsAny(fields[3]);
        if (!isAnyDay)
        {
            parts.Add(DayOfMonth(fields[3]));
        }

        if (!IsAny(fields[5]))
        {
            parts.Add($"{(isAnyDay ? "on" : "if it is")} {DayOfWeek(fields[5])}");
        }

        if (!IsAny(fields[4]))
        {
            parts.Add($"in {List(fields[4], "month", value => Name(value, Months))}");
        }

        return string.Join(", ", parts.Where(static part => part.Length > 0));
    }

    private static string Time(string seconds, string minutes, string hours)
    {
        if (Numbers(seconds) is [var second] && Numbers(minutes) is [var minute] && Numbers(hours) is { Count: <= MaxTimes } at)
        {
            return $"At {Join([.. at.Select(hour => Clock(hour, minute, second))])}";
        }

        string[] said = [seconds == "0" ? "" : Unit(seconds, "second"), seconds != "0" && IsAny(minutes) ? "" : minutes == "0" && IsAny(hours) && seconds == "0" ? "every hour" : Unit(minutes, "minute"), Hours(hours)];
        var text = string.Join(", ", said.Where(static part => part.Length > 0));
        return char.ToUpperInvariant(text[0]) + text[1..];
    }

    private static string Unit(string field, string unit) => IsAny(field) ? $"every {unit}"
        : IsStep(field) ? Every(field[2..], unit)
        : field.Contains('*', StringComparison.Ordinal) ? List(field, unit, value => $"at {unit} {value}")
        : $"at {unit}{(Numbers(field) is [_] ? "" : "s")} {List(field, unit, static value => value)}";

    private static string Hours(string field) => IsAny(field) ? ""
        : IsStep(field) ? $"in {Every(field[2..], "hour")}"
        : field.Split('-') is [var from, var to] && Numbers(from) is [var first] && Numbers(to) is [var last] ? $"from {Clock(first, 0, 0)} to {Clock(last, 59, 0)}"
        : $"in hour{(Numbers(field) is [_] ? "" : "s")} {List(field, "hour", static value => value)}";

    private static string DayOfMonth(string field) => field.ToUpperInvariant() switch
    {
        "L" => "on the last day of the month",
        "LW" => "on the last weekday of the month",
        ['L', '-', .. var before, 'W'] => $"on the weekday nearest to {before} days before the last day of the month",
        ['L', '-', .. var before] => $"{before} day{(before == "1" ? "" : "s")} before the last day of the month",
        [.. var day, 'W'] => $"on the weekday nearest to day {day} of the month",
        ['*', '/', .. var step] when IsStep(field) => $"on {Every(step, "day")} of the month",
        _ => $"on day{(Numbers(field) is [_] ? "" : "s")} {List(field, "day", static value => value)} of the month",
    };

    private static string DayOfWeek(string field) => field.Split('#') is [var day, var number]
        ? $"the {Ordinal(number)} {Name(day, Days)} of the month"
        : field.Length > 1 && field[^1] is 'L' or 'l' ? $"the last {Name(field[..^1], Days)} of the month"
        : IsStep(field) ? $"{Every(field[2..], "day")} of the week"
        : List(field, "day", value => Name(value, Days));

    /// <summary>A list of values, ranges and steps.</summary>
    private static string List(string field, string unit, Func<string, string> name) => Join([.. field.Split(',').Select(part => Part(part, unit, name))]);

    private static string Part(string part, string unit, Func<string, string> name)
    {
        var (values, step) = part.Split('/') is [var before, var behind] ? (before, behind) : (part, "");
        var said = values == "*" ? $"every {unit}" : values.Split('-') is [var from, var to] ? $"{name(from)} to {name(to)}" : step.Length > 0 ? $"from {name(values)} on" : name(values);
        return step.Length == 0 ? said : values == "*" ? Every(step, unit) : $"{Every(step, unit)} {(values.Contains('-', StringComparison.Ordinal) ? "from " : "")}{said}";
    }

    private static string Every(string step, string unit) => step == "1" ? $"every {unit}" : $"every {step} {unit}s";

    private static string Clock(int hour, int minute, int second) => new TimeOnly(hour, minute, second).ToString(second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Join(List<string> parts) => parts.Count < 2 ? string.Concat(parts) : $"{string.Join(", ", parts[..^1])} and {parts[^1]}";

    private static string Ordinal(string number) => number switch
    {
        "1" => "first",
        "2" => "second",
        "3" => "third",
        "4" => "fourth",
        _ => "fifth",
    };

    /// <summary>The name of a number or of a short name.</summary>
    private static string Name(string value, string[] names) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < names.Length
        ? names[number]
        : names.FirstOrDefault(name => name.Length > 0 && name.StartsWith(value, StringComparison.OrdinalIgnoreCase)) ?? value;

    /// <summary>Plain values; null: there is anything else.</summary>
    private static List<int>? Numbers(string field)
    {
        var numbers = new List<int>();
        foreach (var part in field.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            numbers.Add(number);
        }

        return numbers;
    }

    /// <summary>A step alone; one in a list is a part of it.</summary>
    private static bool IsStep(string field) => field.StartsWith("*/", StringComparison.Ordinal) && !field.Contains(',', StringComparison.Ordinal);

    private static bool IsAny(string field) => field is "*" or "*/1";
}
