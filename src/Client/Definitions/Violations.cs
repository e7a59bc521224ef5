using System.Globalization;

namespace Krewe.Definitions;

/// <summary>Collects what is wrong with options, as sentences: expected, got, remedy.</summary>
/// <param name="prefix">Where the options come from, such as <c>Krewe:Defaults:</c>; stands before each option's name.</param>
internal sealed class Violations(string prefix)
{
    private const int MaxQuotedLength = 60;

    private List<string>? _sentences;

    internal string Prefix => prefix;

    internal IReadOnlyList<string> Sentences => _sentences ?? [];

    internal void Add(string sentence) => (_sentences ??= []).Add(prefix + sentence);

    internal void AddRange(IReadOnlyList<string> sentences)
    {
        if (sentences.Count > 0)
        {
            (_sentences ??= []).AddRange(sentences);
        }
    }

    internal void Range(string option, long? value, long low, long high, string remedy)
    {
        if (value < low || value > high)
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"{option} must be {low}..{high}, got {value}; {remedy}"));
        }
    }

    /// <summary>A duration of 0 or more.</summary>
    internal void Range(string option, TimeSpan? value, TimeSpan high, string remedy)
    {
        if (value < TimeSpan.Zero || value > high)
        {
            Add($"{option} must be 0..{Text(high)}, got {Text(value.Value)}; {remedy}");
        }
    }

    internal void Enum<T>(string option, T? value)
        where T : struct, Enum
    {
        if (value is { } set && !System.Enum.IsDefined(set))
        {
            Add($"{option} must be {string.Join(", ", System.Enum.GetNames<T>())}, got {set:D}; use one of these.");
        }
    }

    /// <summary>A text as messages show it: in quotes, cut at 60 characters, on one line; U+FFFD stands for what controls, ends lines or is half of a character.</summary>
    internal static string Quote(string? text)
    {
        if (text is null)
        {
            return "null";
        }

        var shown = text.Length <= MaxQuotedLength ? text : text[..MaxQuotedLength];
        if (shown.Any(IsUnshown))
        {
            shown = string.Concat(shown.Select(static letter => IsUnshown(letter) ? '\ufffd' : letter));
        }

        return text.Length <= MaxQuotedLength ? $"'{shown}'" : string.Create(CultureInfo.InvariantCulture, $"'{shown}…' ({text.Length} characters)");
    }

    internal static string Text(TimeSpan value) => value is { Ticks: > 0 } && value.Ticks % TimeSpan.TicksPerDay == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{value.Days} days")
        : value.ToString("c", CultureInfo.InvariantCulture);

    private static bool IsUnshown(char letter) => char.IsControl(letter) || char.IsSurrogate(letter) || letter is '\u2028' or '\u2029';
}
