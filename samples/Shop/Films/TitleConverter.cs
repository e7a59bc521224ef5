using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Krewe.Shop.Films;

/// <summary>Reads a title that is text or a number.</summary>
internal sealed class TitleConverter : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.Number
        ? Encoding.UTF8.GetString(reader.ValueSpan)
        : reader.GetString();

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
