using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;

namespace Krewe.Api;

/// <summary>Reads the JSON body of a request whole, or refuses it with a sentence.</summary>
internal static class RequestBody
{
    /// <summary>The largest body.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    private const long MaxDrainedBytes = 4L * MaxBytes;

    // Far more than args may nest, so that too deep args are told by a sentence of their own.
    private const int MaxDepth = 1_000;

    /// <summary>Reads the body.</summary>
    /// <returns>A document to be disposed when the elements read from it are no longer needed.</returns>
    /// <exception cref="RequestRefusedException">It is not JSON by its type (415) or by its text (400), too large (413), or too much beside the others (503).</exception>
    public static async Task<JsonDocument> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        RequireJsonType(request);
        // Enforced here: Kestrel's own limit closes the connection while the caller still sends, who then never reads why.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        if (request.ContentLength > MaxBytes)
        {
            await DrainAsync(request, cancellationToken);
            throw TooLarge($"{request.ContentLength}");
        }

        var bytes = new ArrayBufferWriter<byte>((int)Math.Clamp(request.ContentLength ?? 0, 1_024, 1_024 * 1_024));
        var lease = request.HttpContext.RequestServices.GetRequiredService<HttpBounds>().NewBody();
        request.HttpContext.Response.RegisterForDispose(lease);
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            foreach (var segment in read.Buffer)
            {
                bytes.Write(segment.Span);
            }

            var fits = lease.TryGrow(read.Buffer.Length);
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (!fits)
            {
                lease.Dispose();
                await DrainAsync(request, cancellationToken);
                throw RequestRefusedException.Busy("The bodies of the requests that are served now take as much memory as they may; send it again later.");
            }

            if (bytes.WrittenCount > MaxBytes)
            {
                await DrainAsync(request, cancellationToken);
                throw TooLarge("more");
            }

            if (read.IsCompleted)
            {
                return Parse(bytes.WrittenMemory);
            }
        }
    }

    /// <summary>The sentence for a body that is not JSON by its type.</summary>
    public static string WrongType(HttpRequest request)
    {
        var encoding = request.Headers.ContentEncoding.Count > 0 ? $", encoded as {request.Headers.ContentEncoding}" : "";
        return $"The body must be plain JSON in UTF-8 with Content-Type: application/json, got {request.ContentType ?? "none"}{encoding}.";
    }

    private static void RequireJsonType(HttpRequest request)
    {
        var type = request.GetTypedHeaders().ContentType;
        if (!request.HasJsonContentType() || type?.Encoding is { } encoding && encoding.CodePage != System.Text.Encoding.UTF8.CodePage || request.Headers.ContentEncoding.Count > 0)
        {
            throw new RequestRefusedException(StatusCodes.Status415UnsupportedMediaType, WrongType(request));
        }
    }

    // Many callers send all before they read. One that asked first (Expect) has not sent yet, and one that sends without end is cut off.
    private static async Task DrainAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        long drained = 0;
        while (drained < MaxDrainedBytes && request.Headers.Expect.Count == 0)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            drained += read.Buffer.Length;
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> bytes)
    {
        var json = bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        if (json.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            throw RequestRefusedException.BadRequest("The body must be JSON, got an empty one.");
        }

        if (!Utf8.IsValid(json.Span))
        {
            throw RequestRefusedException.BadRequest("The body must be UTF-8, got bytes that are not.");
        }

        try
        {
            RequireWholeCharacters(json.Span);
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw RequestRefusedException.BadRequest(Explain(json, exception));
        }
    }

    private static string Explain(ReadOnlyMemory<byte> json, JsonException exception)
    {
        if (IsTooDeep(json.Span))
        {
            return $"The body nests more than {MaxDepth} levels; args may nest {JobRequest.MaxArgsDepth}, and so may flows.";
        }

        try
        {
            using (JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth }))
            {
            }

            return $"The body must give every member once: {exception.Message}";
        }
        catch (JsonException)
        {
            return $"The body must be JSON, got something else or only a part of it: {exception.Message}";
        }
    }

    private static bool IsTooDeep(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth + 1 });
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth >= MaxDepth)
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
        }

        return false;
    }

    // "\ud800" alone is JSON by its grammar but no text: it could be neither stored nor handed to a handler.
    private static void RequireWholeCharacters(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped && !IsText(ref reader))
            {
                throw RequestRefusedException.BadRequest($"The body has half a surrogate pair in the string at byte {reader.TokenStartIndex}; write both halves, or the character itself.");
            }
        }
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static RequestRefusedException TooLarge(string got) =>
        new(StatusCodes.Status413PayloadTooLarge, $"A body may have {MaxBytes} bytes, got {got}; send fewer jobs at a time, or store the payload elsewhere and pass its key.");
}
