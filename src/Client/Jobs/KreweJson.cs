using System.Text.Json;
using System.Text.Json.Serialization;

namespace Krewe.Jobs;

/// <summary>How args and results become JSON, for clients and for workers: camelCase out, any case in, enums as names.</summary>
internal static class KreweJson
{
    internal const int MaxDepth = 64;

    /// <summary>For args. A member without a default that is missing, or null against its annotation, or given twice (in any case), is an error; unknown members are ignored.</summary>
    internal static readonly JsonSerializerOptions Args = Make(isStrict: true);

    /// <summary>For results, whose readers may be older or newer than the handler that wrote them.</summary>
    internal static readonly JsonSerializerOptions Results = Make(isStrict: false);

    /// <summary>For JSON that came as JSON: what one reader could understand in two ways is refused.</summary>
    internal static readonly JsonDocumentOptions Document = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    private static JsonSerializerOptions Make(bool isStrict)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            MaxDepth = MaxDepth,
            RespectRequiredConstructorParameters = isStrict,
            RespectNullableAnnotations = isStrict,
            AllowDuplicateProperties = !isStrict,
            Converters = { new JsonStringEnumConverter() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
