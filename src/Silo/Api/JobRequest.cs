using System.Text.Json;

namespace Krewe.Api;

/// <summary>One job of a request: <c>{"job","args","options"?}</c>.</summary>
/// <param name="Job">The job's stable name.</param>
/// <param name="Args">A JSON object.</param>
/// <param name="Options">What this enqueue sets; absent: nothing.</param>
internal sealed record JobRequest(string Job, JsonElement Args, EnqueueOptions? Options = null)
{
    /// <summary>How deep args may nest, the object itself counted.</summary>
    public const int MaxArgsDepth = 64;

    /// <summary>Reads a job; member names in any case.</summary>
    /// <exception cref="RequestRefusedException">A member is missing, unknown, given twice or does not fit.</exception>
    public static JobRequest Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Refused($"A job must be a JSON object {{\"job\",\"args\",\"options\"?}}, got {Kind(element)}.");
        }

        var members = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in element.EnumerateObject())
        {
            if (member.Name.ToLowerInvariant() is not ("job" or "args" or "options"))
            {
                throw Refused($"A job has no member '{Shorten(member.Name)}'; it knows job, args and options.");
            }

            if (!members.TryAdd(member.Name, member.Value))
            {
                throw Refused($"'{member.Name}' must be given once, got it twice.");
            }
        }

        return Read(members);
    }

    /// <summary>Reads a job of the members of an object, which may have others; names in any case.</summary>
    /// <inheritdoc cref="Read(JsonElement)"/>
    public static JobRequest Read(Dictionary<string, JsonElement> members) => new(
        ReadName(members.GetValueOrDefault("job")), ReadArgs(members.GetValueOrDefault("args")), members.TryGetValue("options", out var options) ? EnqueueOptionsReader.Read(options) : null);

    /// <summary>What an element is, for a sentence that says what was got.</summary>
    public static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Undefined => "nothing",
        JsonValueKind.String => $"the string {Shorten(element.GetRawText())}",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    /// <summary>A caller's text for a sentence.</summary>
    public static string Shorten(string text) => text.Length > 120 ? text[..120] + "…" : text;

    private static string ReadName(JsonElement job) => job.ValueKind == JsonValueKind.String && JobIds.IsName(job.GetString())
        ? job.GetString()!
        : throw Refused($"\"job\" must be a job's name, 1..{JobIds.MaxNameLength} of the characters A-Z a-z 0-9 . _ -, got {Kind(job)}.");

    private static JsonElement ReadArgs(JsonElement args)
    {
        if (args.ValueKind != JsonValueKind.Object)
        {
            throw Refused($"\"args\" must be a JSON object, got {Kind(args)}; write \"args\": {{}} for a job without args.");
        }

        return IsWithin(args, MaxArgsDepth) ? args : throw Refused($"\"args\" may nest {MaxArgsDepth} levels, got more.");
    }

    private static bool IsWithin(JsonElement element, int depth) => element.ValueKind switch
    {
        JsonValueKind.Object => depth > 0 && element.EnumerateObject().All(member => IsWithin(member.Value, depth - 1)),
        JsonValueKind.Array => depth > 0 && element.EnumerateArray().All(item => IsWithin(item, depth - 1)),
        _ => true,
    };

    private static RequestRefusedException Refused(string message) => RequestRefusedException.BadRequest(message);
}
