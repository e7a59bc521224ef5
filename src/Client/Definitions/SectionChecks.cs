using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Krewe.Definitions;

/// <summary>What of the section <c>Krewe</c> does not read. Asked before the binder, which leaves a whole job, queue or route out without a word when one value in it does not convert.</summary>
internal static class SectionChecks
{
    /// <summary>What is wrong; empty: nothing.</summary>
    internal static IReadOnlyList<string> Of(IConfigurationSection krewe)
    {
        var violations = new List<string>();

        // Other keys beside the options are the silo program's own.
        foreach (var property in typeof(KreweOptions).GetProperties().Where(property => property.CanWrite))
        {
            Member(krewe.GetSection(property.Name), property, violations);
        }

        return violations;
    }

    private static void Member(IConfigurationSection setting, PropertyInfo property, List<string> violations)
    {
        var type = property.PropertyType;
        if (ElementOf(type) is { } element)
        {
            // A list of the silo program's may lie under the same key: Krewe:Jobs:0 is a file.
            foreach (var entry in setting.GetChildren().Where(entry => entry.Value is null || element != typeof(JobOptions)))
            {
                Value(entry, element, violations);
            }
        }
        else
        {
            Value(setting, type, violations);
        }
    }

    private static void Value(IConfigurationSection setting, Type type, List<string> violations)
    {
        if (IsOptions(type) && setting.Value is { Length: > 0 } scalar)
        {
            violations.Add($"{setting.Path} must be a section of settings, got {Violations.Quote(scalar)}; put it under the name of one of them.");
        }
        else if (IsOptions(type))
        {
            Members(setting, type, violations);
        }
        else if (setting.Value is { Length: > 0 } text && !Reads(text, Nullable.GetUnderlyingType(type) ?? type))
        {
            violations.Add($"{setting.Path} must be {Expected(Nullable.GetUnderlyingType(type) ?? type)}, got {Violations.Quote(text)}.");
        }
    }

    private static void Members(IConfigurationSection section, Type type, List<string> violations)
    {
        var known = type.GetProperties();
        foreach (var setting in section.GetChildren())
        {
            if (Array.Find(known, property => property.Name.Equals(setting.Key, StringComparison.OrdinalIgnoreCase)) is { } property)
            {
                Member(setting, property, violations);
            }
            else
            {
                violations.Add($"{section.Path} has no option {Violations.Quote(setting.Key)}; it knows {string.Join(", ", known.Select(option => option.Name))}.");
            }
        }
    }

    private static bool IsOptions(Type type) => type == typeof(JobOptions) || type == typeof(QueueOptions) || type == typeof(RouteOptions) || type == typeof(ScheduleSettings) || type == typeof(SolarSettings);

    private static Type? ElementOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() is var generic && (generic == typeof(Dictionary<,>) || generic == typeof(List<>))
        ? type.GetGenericArguments()[^1]
        : null;

    private static bool Reads(string text, Type type)
    {
        try
        {
            return type == typeof(DateTimeOffset) ? IsInstant(text) : type == typeof(string) || TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text) is not null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>Without an offset it would be read in this machine's own zone, which may be another one on each.</summary>
    private static bool IsInstant(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) && text.IndexOf('T', StringComparison.Ordinal) is var time and > 0 && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > time);

    private static string Expected(Type type) => type switch
    {
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) => "a number",
        _ when type == typeof(DateTimeOffset) => "an instant with its offset, such as 2026-01-31T12:00:00Z",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a duration such as 00:00:30",
        _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type))}",
        _ => string.Create(CultureInfo.InvariantCulture, $"of type {type.Name}"),
    };
}
