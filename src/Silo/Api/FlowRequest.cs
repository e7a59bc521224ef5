using System.Text.Json;
using Krewe.Flows;

namespace Krewe.Api;

/// <summary>A flow of a request: the tree itself, with what holds for the whole of it at the root.</summary>
/// <param name="Flow">The flow. A root that is a single job has become a chain of one.</param>
/// <param name="Options">What the root says beside the tree.</param>
/// <param name="Names">The names of its jobs, each once.</param>
internal sealed record FlowRequest(Flow Flow, FlowOptions Options, IReadOnlyCollection<string> Names)
{
    /// <summary>Reads a flow; member names in any case.</summary>
    /// <param name="root">Must stay readable until the flow is enqueued: the members of groups are read from it then.</param>
    /// <exception cref="InvalidJobException">It cannot be a flow; the sentence names the place.</exception>
    public static FlowRequest Read(JsonElement root)
    {
        // Once to look at every step of it, keeping none: a header of a million members is not to be held beside its text.
        var names = new FlowNames();
        new FlowReader(names).ReadRoot(root);
        var step = new FlowReader(names: null).ReadRoot(root);
        return new(step as Flow ?? Chain.Of(step), ReadOptions(root), names.Names);
    }

    private static FlowOptions ReadOptions(JsonElement root)
    {
        var options = new FlowOptions();
        foreach (var member in root.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null))
        {
            options = member.Name.ToLowerInvariant() switch
            {
                "id" => options with { Id = ReadText("id", member.Value) },
                "name" => options with { Name = ReadText("name", member.Value) },
                "headers" => options with { Headers = ReadHeaders(member.Value) },
                "cancelonfailure" => options with { CancelOnFailure = ReadBoolean("cancelOnFailure", member.Value) },
                _ => options,
            };
        }

        return options;
    }

    private static Dictionary<string, string> ReadHeaders(JsonElement headers) => headers.ValueKind == JsonValueKind.Object
        ? headers.EnumerateObject().ToDictionary(header => header.Name, header => ReadText($"headers.{header.Name}", header.Value))
        : throw FlowPlace.Root.Refused($"headers must be a JSON object of strings, got {JobRequest.Kind(headers)}.");

    private static string ReadText(string name, JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw FlowPlace.Root.Refused($"{name} must be a string, got {JobRequest.Kind(value)}; leave it out where there is nothing to say.");

    private static bool ReadBoolean(string name, JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? value.GetBoolean()
        : throw FlowPlace.Root.Refused($"{name} must be true or false, got {JobRequest.Kind(value)}.");
}
