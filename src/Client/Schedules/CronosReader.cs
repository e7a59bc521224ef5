using System.Globalization;
using System.Text.RegularExpressions;
using Cronos;

namespace Krewe.Schedules;

/// <summary>Gives cron expressions to Cronos, so that it reads them as they are meant.</summary>
/// <remarks>
/// Three things are made right before Cronos sees them:
/// <list type="bullet">
/// <item>A list with <c>*</c> or <c>*/n</c> in it, which Cronos refuses, gets the field's whole range instead: <c>0-59/20,5</c> for <c>*/20,5</c>.</item>
/// <item>A range of days of week that begins with 7 begins with 0, unless it ends with 7, too: of <c>7-2/2</c> Cronos would leave out the Sunday.</item>
/// <item>Control characters become U+FFFD, which Cronos refuses wherever it stands: to Cronos a text ends at the first U+0000, and what is behind would be ignored.</item>
/// </list>
/// </remarks>
internal static partial class CronosReader
{
    private const string NotKnown = "H is not known; write a value, and give the schedule jitter";

    /// <summary>Reads a macro, or fields that are <see cref="Rewritten"/>.</summary>
    /// <param name="reason">Why it cannot be read, as part of a sentence; holds nothing of the text.</param>
    internal static bool TryRead(string text, CronFormat format, out CronExpression cron, out string reason)
    {
        try
        {
            (cron, reason) = (CronExpression.Parse(ControlCharacter.Replace(text, "\ufffd"), format), "");
            return true;
        }
        catch (CronFormatException exception)
        {
            (cron, reason) = (null!, Reason(exception.Message));
            return false;
        }
        catch (MissingSeedException)
        {
            (cron, reason) = (null!, NotKnown);
            return false;
        }
    }

    /// <summary>Reads one field, between stars.</summary>
    /// <inheritdoc cref="TryRead"/>
    internal static bool Reads(string field, CronField kind, out string reason) =>
        TryRead(string.Join(' ', CronField.All.Select(other => other == kind ? Rewritten(field, kind) : "*")), CronFormat.IncludeSeconds, out _, out reason);

    /// <summary>A field as Cronos is to read it.</summary>
    internal static string Rewritten(string field, CronField kind)
    {
        var elements = field.Split(',');
        return string.Join(',', elements.Select(element =>
            elements.Length > 1 && (element == "*" || element.StartsWith("*/", StringComparison.Ordinal)) ? string.Create(CultureInfo.InvariantCulture, $"{kind.First}-{kind.Last}{element[1..]}")
            : kind == CronField.DayOfWeek ? FromSunday.Replace(element, "0-")
            : element));
    }

    /// <summary>What Cronos says behind the field, as part of a sentence. Where it quotes a character, that is left out: it may be any.</summary>
    private static string Reason(string message)
    {
        const string value = "Value ";
        return message.IndexOf(value, StringComparison.Ordinal) is >= 0 and var from ? $"value {message[(from + value.Length)..].TrimEnd('.')}" : "unexpected character";
    }

    [GeneratedRegex(@"\p{Cc}")]
    private static partial Regex ControlCharacter { get; }

    [GeneratedRegex("^0?7-(?!0?7(?:/|$))")]
    private static partial Regex FromSunday { get; }
}
