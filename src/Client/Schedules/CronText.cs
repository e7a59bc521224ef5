using System.Globalization;
using Cronos;
using Krewe.Definitions;

namespace Krewe.Schedules;

/// <summary>A cron expression that Cronos has read, with its fields as they were written.</summary>
/// <remarks>
/// Cronos says which field is wrong, but not where. So a field that it refuses is given to it again piece by piece, between stars, until one piece is refused alone. A list with <c>*</c> or <c>*/n</c> in it, which
/// Cronos refuses, is given to it with the field's whole range instead, <c>0-59/20,5</c> for <c>*/20,5</c>; positions are those of the original.
/// </remarks>
internal sealed class CronText
{
    internal const int MaxLength = 200;

    private static readonly char[] Spaces = [' ', '\t'];

    private CronText(CronExpression cron, IReadOnlyList<string> fields, string? macro) => (Cron, Fields, Macro) = (cron, fields, macro);

    internal CronExpression Cron { get; }

    /// <summary>Six fields, with seconds in front; empty: it is a macro.</summary>
    internal IReadOnlyList<string> Fields { get; }

    /// <summary>Such as <c>@daily</c>; null: it has fields.</summary>
    internal string? Macro { get; }

    /// <summary>Reads an expression.</summary>
    /// <exception cref="InvalidJobException">It cannot be read; names the field and the position, counted from 1.</exception>
    internal static CronText Parse(string? expression)
    {
        if (string.IsNullOrWhiteSpace(expression) || expression.Length > MaxLength)
        {
            throw new InvalidJobException(string.Create(CultureInfo.InvariantCulture,
                $"cron must be 5 fields, or 6 with seconds in front, of 1..{MaxLength} characters in all, got {(expression?.Length > MaxLength ? $"{expression.Length} characters" : Violations.Quote(expression))}; write such as '0 2 * * *', every night at two."));
        }

        var fields = Split(expression, 0, expression.Length, Spaces).FindAll(static field => field.Text.Length > 0);
        if (fields[0].Text.StartsWith('@'))
        {
            return fields.Count == 1 && TryRead(fields[0].Text, CronFormat.Standard, out var macro, out _)
                ? new(macro, [], fields[0].Text.ToLowerInvariant())
                : throw new InvalidJobException(At(expression, fields[^1], "the macro", "it must be one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, @every_minute and @every_second, alone"));
        }

        if (fields.Count is not (5 or 6))
        {
            var place = fields.Count > 6 ? $"position {fields[6].From + 1} begins a seventh" : $"{CronField.All[fields.Count + 1].Name.ToLowerInvariant()} is missing at position {expression.Length + 1}";
            throw new InvalidJobException(string.Create(CultureInfo.InvariantCulture,
                $"cron must be 5 fields (minute, hour, day of month, month, day of week), or 6 with seconds in front, got {fields.Count} in {Violations.Quote(expression)}: {place}; separate them by spaces."));
        }

        if (expression.AsSpan().IndexOfAnyInRange('\0', '\u001f') is >= 0 and var control && expression[control] != '\t')
        {
            throw new InvalidJobException(string.Create(CultureInfo.InvariantCulture, $"cron is wrong at position {control + 1}: a control character, got it in {Violations.Quote(expression)}; leave it out."));
        }

        var kinds = CronField.All.Skip(6 - fields.Count).ToList();
        var written = string.Join(' ', fields.Zip(kinds, Rewritten));
        var format = fields.Count == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard;
        return TryRead(written, format, out var cron, out var reason)
            ? new(cron, [.. Enumerable.Repeat("0", 6 - fields.Count), .. fields.Select(static field => field.Text)], null)
            : throw Refused(expression, fields, kinds, reason);
    }

    /// <summary>What lies between separators, each part with its place in the whole.</summary>
    private static List<CronPart> Split(string text, int from, int to, params char[] at)
    {
        var parts = new List<CronPart>();
        while (from <= to)
        {
            var end = text.IndexOfAny(at, from, to - from) is >= 0 and var found ? found : to;
            parts.Add(new CronPart(text[from..end], from));
            from = end + 1;
        }

        return parts;
    }

    private static InvalidJobException Refused(string expression, List<CronPart> fields, List<CronField> kinds, string reason)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            foreach (var part in Split(expression, fields[i].From, fields[i].From + fields[i].Text.Length, ','))
            {
                var why = "a value is missing";
                if (part.Text.Length == 0 || !TryRead(Alone(part.Text, kinds[i]), CronFormat.IncludeSeconds, out _, out why))
                {
                    return new InvalidJobException(At(expression, Wrong(expression, part, kinds[i]), Words(kinds[i]), why));
                }
            }

            if (!TryRead(Alone(Rewritten(fields[i], kinds[i]), kinds[i]), CronFormat.IncludeSeconds, out _, out var whole))
            {
                return new InvalidJobException(At(expression, fields[i], Words(kinds[i]), whole));
            }
        }

        return new InvalidJobException($"cron must be an expression that can be read, got {Violations.Quote(expression)}: {reason}; correct it.");
    }

    /// <summary>The end of a range, or the step, that alone is wrong; else the part as it is.</summary>
    private static CronPart Wrong(string expression, CronPart part, CronField kind)
    {
        var ends = Split(expression, part.From, part.From + part.Text.Split('/')[0].Length, '-');
        var steps = Split(expression, part.From, part.From + part.Text.Length, '/');
        if (steps.Count == 2 && steps[1].Text.Length > 0 && !(int.TryParse(steps[1].Text, NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step > 0))
        {
            return steps[1];
        }

        return ends.Count == 2 && ends.FindIndex(end => end.Text.Length > 0 && !TryRead(Alone(end.Text, kind), CronFormat.IncludeSeconds, out _, out _)) is >= 0 and var wrong ? ends[wrong] : part;
    }

    private static string At(string expression, CronPart part, string field, string why) => string.Create(CultureInfo.InvariantCulture,
        $"cron is wrong at position {part.From + 1}, in {field}: {why}, got {Violations.Quote(part.Text)} in {Violations.Quote(expression)}; correct it.");

    /// <summary>One field between stars.</summary>
    private static string Alone(string text, CronField kind) => string.Join(' ', CronField.All.Select(field => field == kind ? text : "*"));

    private static string Rewritten(CronPart part, CronField kind)
    {
        var parts = part.Text.Split(',');
        return parts.Length == 1
            ? part.Text
            : string.Join(',', parts.Select(one => one == "*" || one.StartsWith("*/", StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"{kind.First}-{kind.Last}{one[1..]}") : one));
    }

    private static bool TryRead(string text, CronFormat format, out CronExpression cron, out string reason)
    {
        try
        {
            (cron, reason) = (CronExpression.Parse(text, format), "");
            return true;
        }
        catch (CronFormatException exception)
        {
            (cron, reason) = (null!, Reason(exception.Message));
            return false;
        }
        catch (MissingSeedException)
        {
            (cron, reason) = (null!, "H is not known; write a value, and give the schedule jitter");
            return false;
        }
    }

    /// <summary>What Cronos says behind the field, as part of a sentence.</summary>
    private static string Reason(string message)
    {
        var reason = message[(message.LastIndexOf(": ", StringComparison.Ordinal) is >= 0 and var colon ? colon + 2 : 0)..].TrimEnd('.');
        return reason.Contains('\0', StringComparison.Ordinal) ? "it ends too soon" : reason.Length == 0 ? "it cannot be read" : char.ToLowerInvariant(reason[0]) + reason[1..];
    }

    private static string Words(CronField kind) => kind.Name.ToLowerInvariant();
}

/// <summary>A part of a cron expression.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="From">Where it begins in the whole, from 0.</param>
internal readonly record struct CronPart(string Text, int From);
