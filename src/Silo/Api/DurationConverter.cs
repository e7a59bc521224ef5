using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Krewe.Hosting;

namespace Krewe.Api;

/// <summary>Durations in requests: <c>"5s"</c> and <c>"00:00:05"</c>.</summary>
internal sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Durations.TryParse(reader.GetString(), out var duration) ? duration : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString("c", CultureInfo.InvariantCulture));
}

/// <summary>Instants in requests: ISO 8601 with an offset; without one it would be read in this machine's own zone, which the caller does not know.</summary>
internal sealed class InstantConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var instant) && HasOffset(reader.GetString()!) ? instant : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    private static bool HasOffset(string text) => text.IndexOf('T', StringComparison.Ordinal) is var time and > 0 && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > time);
}
