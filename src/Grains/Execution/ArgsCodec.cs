using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Krewe.Jobs;

namespace Krewe.Execution;

/// <summary>Turns stored JSON into the args that a handler gets, and its result into JSON. Thread-safe.</summary>
/// <param name="maxPayloadBytes">The largest result.</param>
internal sealed class ArgsCodec(int maxPayloadBytes)
{
    /// <summary>How a type is read; made once per type.</summary>
    /// <exception cref="InvalidOperationException">The type cannot be described, such as one with two constructors marked for JSON.</exception>
    /// <exception cref="NotSupportedException">The type cannot be read at all.</exception>
    internal static JsonTypeInfo<T> Describe<T>() => (JsonTypeInfo<T>)KreweJson.Args.GetTypeInfo(typeof(T));

    /// <summary>Reads args as exactly the type of their handler.</summary>
    /// <exception cref="InvalidJobException">They do not fit; names the JSON path. No retry would mend it.</exception>
    internal static T Read<T>(string jobName, ReadOnlySpan<byte> args, JsonTypeInfo<T> type)
    {
        // Broad, because a constructor or a converter of the job's own type may throw anything, and what it throws will be the same next time.
        try
        {
            return JsonSerializer.Deserialize(args, type)
                ?? throw new InvalidJobException($"The args of '{jobName}' must be a JSON object that fits {TypeNames.Of(typeof(T))}, got null; send an object.");
        }
        catch (Exception exception) when (exception is not InvalidJobException)
        {
            var (path, reason) = JsonFault.Of(exception, ErrorText.MessageOf(exception));
            throw new InvalidJobException(
                $"The args of '{jobName}' do not fit {TypeNames.Of(typeof(T))} at {path}: {reason} Send args that fit, or give the member a default.", exception);
        }
    }

    /// <summary>Writes a result by its declared type.</summary>
    /// <exception cref="NotSupportedException">It cannot be written; names type and path.</exception>
    /// <exception cref="PayloadTooLargeException">It has more bytes than results may have.</exception>
    internal byte[] Write<T>(string jobName, T result)
    {
        byte[] written;

        // Broad, because a getter or a converter of the result's own type may throw anything.
        try
        {
            written = JsonSerializer.SerializeToUtf8Bytes(result, KreweJson.Results);
        }
        catch (Exception exception)
        {
            var (path, reason) = JsonFault.Of(exception, ErrorText.MessageOf(exception));
            throw new NotSupportedException(
                $"The result of '{jobName}' must be writable as JSON, got a {TypeNames.Of(result?.GetType() ?? typeof(T))} that is not at {path}: {reason} Return a plain record, or mark the member [JsonIgnore].", exception);
        }

        return written.Length <= maxPayloadBytes ? written : throw new PayloadTooLargeException($"The result of '{jobName}'", written.Length, maxPayloadBytes);
    }
}
