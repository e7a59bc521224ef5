using Cronos;

namespace Krewe.Schedules;

/// <summary>A cron expression that Cronos has read, with its fields as they were written.</summary>
internal sealed class CronText
{
    internal const int MaxLength = 1_000;

    private static readonly char[] IntervalSigns = ['*', '?', '-', '/'];

    private CronText(CronExpression cron, bool isInterval) => (Cron, IsInterval) = (cron, isInterval);

    internal CronExpression Cron { get; }

    /// <summary>Runs on by elapsed time where a clock changes: it has <c>*</c>, a range or a step in seconds, minutes or hours. Any other one names fixed times of the day.</summary>
    internal bool IsInterval { get; }

    /// <summary>Six fields, with seconds in front and <c>*</c> for <c>?</c>; empty: it is a macro.</summary>
    internal IReadOnlyList<string> Fields { get; private init; } = [];

    /// <summary>Such as <c>@daily</c>; null: it has fields.</summary>
    internal string? Macro { get; private init; }

    /// <summary>Reads an expression.</summary>
    /// <exception cref="InvalidJobException">It cannot be read; names the field and the position, counted from 1.</exception>
    internal static CronText Parse(string? expression)
    {
        if (string.IsNullOrWhiteSpace(expression) || expression.Length > MaxLength)
        {
            throw CronRefusal.OfLength(expression);
        }

        var parts = CronPart.Split(expression);
        return parts[0].Text[0] == '@' ? OfMacro(expression, parts) : OfFields(expression, parts);
    }

    private static CronText OfMacro(string expression, List<CronPart> parts)
    {
        if (parts.Count > 1 || !CronosReader.TryRead(parts[0].Text, CronFormat.Standard, out var cron, out _))
        {
            throw CronRefusal.OfMacro(expression, parts);
        }

        var macro = parts[0].Text.ToLowerInvariant();
        return new(cron, macro is "@hourly" or "@every_minute" or "@every_second") { Macro = macro };
    }

    private static CronText OfFields(string expression, List<CronPart> parts)
    {
        if (parts.Count is not (5 or 6))
        {
            throw CronRefusal.OfCount(expression, parts);
        }

        var fields = parts.Zip(CronField.All.Skip(6 - parts.Count)).ToList();
        var text = string.Join(' ', fields.Select(static field => CronosReader.Rewritten(field.First.Text, field.Second)));
        return CronosReader.TryRead(text, parts.Count == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard, out var cron, out _)
            ? new(cron, parts.SkipLast(3).Any(static part => part.Text.IndexOfAny(IntervalSigns) >= 0))
            {
                Fields = [.. Enumerable.Repeat("0", 6 - parts.Count), .. parts.Select(static part => part.Text.Replace('?', '*'))],
            }
            : throw CronRefusal.OfField(expression, fields);
    }
}

/// <summary>A part of a cron expression.</summary>
/// <param name="Text">As it was written; not empty.</param>
/// <param name="From">Where it begins in the whole, from 0.</param>
internal readonly record struct CronPart(string Text, int From)
{
    private static readonly char[] Spaces = [' ', '\t'];

    /// <summary>What lies between spaces and tabs.</summary>
    internal static List<CronPart> Split(string expression)
    {
        var parts = new List<CronPart>();
        for (var from = 0; from < expression.Length;)
        {
            var end = expression.IndexOfAny(Spaces, from) is >= 0 and var found ? found : expression.Length;
            if (end > from)
            {
                parts.Add(new(expression[from..end], from));
            }

            from = end + 1;
        }

        return parts;
    }
}
