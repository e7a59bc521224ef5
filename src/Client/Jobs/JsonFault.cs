using System.Text.Json;
using System.Text.RegularExpressions;

namespace Krewe.Jobs;

/// <summary>Where and why JSON does not fit, out of what the serializer threw.</summary>
/// <param name="Path">The JSON path, such as <c>$.lines[1].count</c>; <c>$</c> where none is known.</param>
/// <param name="Reason">A sentence.</param>
internal sealed partial record JsonFault(string Path, string Reason)
{
    /// <summary>Reads it out of an exception.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="message">Its message, where that is not to be asked for again; null: its own.</param>
    internal static JsonFault Of(Exception exception, string? message = null)
    {
        message ??= exception.Message;

        // The serializer ends its messages with "Path: $.a | LineNumber: 0 | BytePositionInLine: 7."; of those only the path says anything about one line of JSON.
        var at = message.LastIndexOf(" Path: $", StringComparison.Ordinal);
        var path = (exception as JsonException)?.Path ?? (at < 0 ? "$" : message[(at + 7)..].Split(' ', 2)[0].TrimEnd('.'));
        return exception is JsonException && MissingMember().Match(message) is { Success: true } missing
            ? new($"{path}.{missing.Groups[1].Value}", "it is missing, and has no default.")
            : new(path, at < 0 ? message : message[..at]);
    }

    // The path that comes with it is that of the object that lacks the member.
    [GeneratedRegex("missing required properties including: '([^']+)'")]
    private static partial Regex MissingMember();
}
