using System.Globalization;
using System.Net;

namespace Krewe.Hosting;

/// <summary>Reads settings of one section as the silo's flags; every refusal names the flag and the key.</summary>
internal sealed class SettingReader(IConfigurationSection section)
{
    /// <summary>The text, or null where there is none but blanks.</summary>
    public string? Text(string name) => string.IsNullOrWhiteSpace(section[name]) ? null : section[name]!.Trim();

    /// <summary>Texts separated by ';', or else the values of an array.</summary>
    /// <remarks>The section may hold named children beside it (<c>Krewe:Jobs:email.send:MaxRetries</c>); those are other settings.</remarks>
    public IReadOnlyList<string> List(string name) => Text(name) is { } text
        ? text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        : [.. section.GetSection(name).GetChildren()
            .Where(child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _) && !string.IsNullOrWhiteSpace(child.Value))
            .OrderBy(child => int.Parse(child.Key, CultureInfo.InvariantCulture))
            .Select(child => child.Value!.Trim())];

    public bool Switch(string name) => Text(name)?.ToLowerInvariant() switch
    {
        null or "false" or "0" => false,
        "true" or "1" => true,
        var text => throw Refused(name, "true or false", text),
    };

    public int? Number(string name, int min, int max) => Text(name) is not { } text
        ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw Refused(name, $"a whole number {min}..{max}", text);

    public TimeSpan? Duration(string name, TimeSpan max) => Text(name) is not { } text
        ? null
        : Durations.TryParse(text, out var duration) && duration >= TimeSpan.Zero && duration <= max
            ? duration
            : throw Refused(name, $"a duration of 0s..{max.TotalHours:0}h {Durations.Examples}", text);

    /// <summary><c>critical=4,default=8</c>.</summary>
    public IReadOnlyDictionary<string, int> Slots(string name)
    {
        var slots = new Dictionary<string, int>();
        foreach (var part in Text(name)?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            var sides = part.Split('=', StringSplitOptions.TrimEntries);
            if (sides.Length != 2 || !JobIds.IsName(sides[0]) || !int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 10_000)
            {
                throw Refused(name, "queues with 1..10000 slots each, such as critical=4,default=8", part);
            }

            if (!slots.TryAdd(sides[0], count))
            {
                throw Refused(name, "each queue once", part);
            }
        }

        return slots;
    }

    public string? Name(string name) => Text(name) is not { } text || JobIds.IsName(text)
        ? Text(name)
        : throw Refused(name, "1..100 of the characters A-Z a-z 0-9 . _ -", text);

    /// <summary>An address that other silos can be told; 0.0.0.0 is none.</summary>
    public IPAddress? Address(string name) => Text(name) is not { } text
        ? null
        : IPAddress.TryParse(text, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? address
            : throw Refused(name, "an IP address of this machine that the other silos reach, such as 10.0.0.5", text);

    public LogLevel? Level(string name) => Text(name) is not { } text
        ? null
        : !char.IsAsciiDigit(text[0]) && Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) && Enum.IsDefined(level)
            ? level
            : throw Refused(name, "trace, debug, information, warning, error, critical or none", text);

    private static SiloStartException Refused(string name, string expected, string got) =>
        new($"{Flag(name)} ({KreweOptions.Section}:{name}) must be {expected}, got '{got}'.", SiloStartException.BadUsage);

    // WaitForStore -> --wait-for-store
    private static string Flag(string name) => "-" + string.Concat(name.Select(letter => char.IsUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : $"{letter}"));
}
