using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Krewe.Api;

/// <summary>Reads the <c>options</c> of a request, strictly: what it does not know it refuses by name.</summary>
internal static class EnqueueOptionsReader
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        Converters = { new DurationConverter(), new InstantConverter(), new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    /// <summary>Reads options.</summary>
    /// <exception cref="RequestRefusedException">A member is unknown or its value does not fit; the sentence names it.</exception>
    public static EnqueueOptions? Read(JsonElement options)
    {
        if (options.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        RequireObject(options, "options");
        RequireKnown(options, typeof(EnqueueOptions), "options");
        foreach (var retry in options.EnumerateObject().Where(member => Is(member, nameof(EnqueueOptions.Retry)) && member.Value.ValueKind != JsonValueKind.Null))
        {
            RequireObject(retry.Value, "options.retry");
            RequireKnown(retry.Value, typeof(RetryPolicy), "options.retry");
        }

        try
        {
            var read = options.Deserialize<EnqueueOptions>(Json)!;
            return read.Headers?.FirstOrDefault(header => header.Value is null).Key is { } header
                ? throw RequestRefusedException.BadRequest($"options.headers.{header} must be a string, got null; leave it out.")
                : read;
        }
        catch (JsonException exception)
        {
            throw RequestRefusedException.BadRequest(Explain(options, exception));
        }
    }

    private static void RequireObject(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw RequestRefusedException.BadRequest($"{path} must be a JSON object, got {element.ValueKind.ToString().ToLowerInvariant()}.");
        }
    }

    private static void RequireKnown(JsonElement element, Type type, string path)
    {
        foreach (var member in element.EnumerateObject().Where(member => !Members(type).Any(property => Is(member, property.Name))))
        {
            var known = string.Join(", ", Members(type).Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)));
            throw RequestRefusedException.BadRequest($"{path} has no member '{Shorten(member.Name)}'; it knows {known}.");
        }

        if (element.EnumerateObject().CountBy(member => member.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(count => count.Value > 1).Key is { } name)
        {
            throw RequestRefusedException.BadRequest($"{path}.{name} must be given once, got it twice.");
        }
    }

    // The serializer's own message names CLR types; the path it gives is enough to say what was expected there.
    private static string Explain(JsonElement options, JsonException exception)
    {
        var (type, value, shown) = (typeof(EnqueueOptions), options, "options");
        foreach (var step in (exception.Path ?? "$").TrimStart('$').Split(['.', '['], StringSplitOptions.RemoveEmptyEntries))
        {
            if (step.EndsWith(']') && value.ValueKind == JsonValueKind.Array)
            {
                (value, shown) = (value[int.Parse(step.TrimEnd(']'), System.Globalization.CultureInfo.InvariantCulture)], $"{shown}[{step}");
                type = type.GetGenericArguments().FirstOrDefault() ?? type;
            }
            else if (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().FirstOrDefault(member => Is(member, step)) is { Name: not null } member)
            {
                (value, shown) = (member.Value, $"{shown}.{step}");
                type = Members(type).FirstOrDefault(property => Is(member, property.Name))?.PropertyType ?? typeof(string);
            }
        }

        return $"{shown} must be {Expected(Nullable.GetUnderlyingType(type) ?? type)}, got {Shorten(value.GetRawText())}.";
    }

    private static string Expected(Type type) => type switch
    {
        _ when type == typeof(TimeSpan) => $"a duration {Hosting.Durations.Examples}, as a string",
        _ when type == typeof(DateTimeOffset) => "an instant with its offset, such as \"2026-01-31T12:00:00Z\"",
        _ when type == typeof(int) => "a whole number",
        _ when type == typeof(bool) => "true or false",
        _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type).Select(name => $"\"{name}\""))}",
        _ when type == typeof(string) => "a string",
        _ when type == typeof(IReadOnlyDictionary<string, string>) => "an object of strings",
        _ => "a list of them",
    };

    private static string Shorten(string text) => text.Length <= 100 ? text : string.Concat(text.AsSpan(0, 100), "…");

    private static PropertyInfo[] Members(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance);

    private static bool Is(JsonProperty member, string name) => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
