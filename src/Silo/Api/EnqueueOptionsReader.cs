using System.Text.Json;

namespace Krewe.Api;

/// <summary>Reads the <c>options</c> of a request.</summary>
internal static class EnqueueOptionsReader
{
    /// <summary>Reads options.</summary>
    /// <exception cref="RequestRefusedException">A member is unknown or its value does not fit; the sentence names it.</exception>
    public static EnqueueOptions? Read(JsonElement options)
    {
        if (options.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var read = StrictReader.Read<EnqueueOptions>(options, "options");
        return read.Headers?.FirstOrDefault(static header => header.Value is null).Key is { } header
            ? throw RequestRefusedException.BadRequest($"options.headers.{header} must be a string, got null; leave it out.")
            : read;
    }
}
