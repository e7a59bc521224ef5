using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Krewe.Api;

/// <summary>Reads the objects of a request, strictly: what is not known is refused by name, what does not fit by its place.</summary>
internal static class StrictReader
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new DurationConverter(), new InstantConverter(), new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    /// <summary>Reads an object.</summary>
    /// <typeparam name="T">Its members, by name in any case.</typeparam>
    /// <param name="element">The object.</param>
    /// <param name="path">Where it stands; empty: it is the body.</param>
    /// <exception cref="RequestRefusedException">A member is unknown, given twice, or does not fit; the sentence names it.</exception>
    public static T Read<T>(JsonElement element, string path)
        where T : class
    {
        RequireKnown(element, typeof(T), path);
        try
        {
            return element.Deserialize<T>(Json)!;
        }
        catch (JsonException exception)
        {
            throw RequestRefusedException.BadRequest(Explain(element, typeof(T), path, exception));
        }
    }

    private static void RequireKnown(JsonElement element, Type type, string path)
    {
        var named = path.Length == 0 ? "The body" : path;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw RequestRefusedException.BadRequest($"{named} must be a JSON object, got {element.ValueKind.ToString().ToLowerInvariant()}.");
        }

        foreach (var member in element.EnumerateObject().Where(member => Find(type, member.Name) is null))
        {
            throw RequestRefusedException.BadRequest($"{named} has no member '{Shorten(member.Name)}'; it knows {Names(type)}.");
        }

        if (element.EnumerateObject().CountBy(member => member.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(count => count.Value > 1).Key is { } name)
        {
            throw RequestRefusedException.BadRequest($"{Under(path, name)} must be given once, got it twice.");
        }

        foreach (var member in element.EnumerateObject().Where(static member => member.Value.ValueKind != JsonValueKind.Null))
        {
            if (Find(type, member.Name)!.PropertyType is var inner && IsObject(inner))
            {
                RequireKnown(member.Value, inner, Under(path, member.Name));
            }
        }
    }

    // The serializer's own message names CLR types; the path it gives is enough to say what was expected there.
    private static string Explain(JsonElement element, Type type, string path, JsonException exception)
    {
        var (value, shown) = (element, path);
        foreach (var step in (exception.Path ?? "$").TrimStart('$').Split(['.', '['], StringSplitOptions.RemoveEmptyEntries))
        {
            if (step.EndsWith(']') && value.ValueKind == JsonValueKind.Array)
            {
                (value, shown) = (value[int.Parse(step.TrimEnd(']'), CultureInfo.InvariantCulture)], $"{shown}[{step}");
                type = type.GetGenericArguments().FirstOrDefault() ?? type;
            }
            else if (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().FirstOrDefault(member => member.Name.Equals(step, StringComparison.OrdinalIgnoreCase)) is { Name: not null } member)
            {
                (value, shown) = (member.Value, Under(shown, step));
                type = Find(type, member.Name)?.PropertyType ?? typeof(string);
            }
        }

        return $"{(shown.Length == 0 ? "The body" : shown)} must be {Expected(Nullable.GetUnderlyingType(type) ?? type)}, got {Shorten(value.GetRawText())}.";
    }

    private static string Expected(Type type) => type switch
    {
        _ when type == typeof(TimeSpan) => $"a duration {Hosting.Durations.Examples}, as a string",
        _ when type == typeof(DateTimeOffset) => "an instant with its offset, such as \"2026-01-31T12:00:00Z\"",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) => "a number",
        _ when type == typeof(bool) => "true or false",
        _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type).Select(name => $"\"{name}\""))}",
        _ when type == typeof(string) => "a string",
        _ when type == typeof(IReadOnlyDictionary<string, string>) => "an object of strings",
        _ when IsObject(type) => $"an object with {Names(type)}",
        _ => "a list of them",
    };

    private static string Under(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Shorten(string text) => text.Length <= 100 ? text : string.Concat(text.AsSpan(0, 100), "…");

    private static string Names(Type type) => string.Join(", ", Members(type).Select(static property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)));

    private static bool IsObject(Type type) => type is { IsClass: true, IsGenericType: false } && type.Assembly.GetName().Name!.StartsWith("Krewe.", StringComparison.Ordinal);

    private static PropertyInfo? Find(Type type, string name) => Array.Find(Members(type), property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static PropertyInfo[] Members(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
}
