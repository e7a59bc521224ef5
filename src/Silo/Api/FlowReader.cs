using System.Collections;
using System.Globalization;
using System.Text.Json;
using Krewe.Flows;

namespace Krewe.Api;

/// <summary>The jobs of a flow as far as they have been read.</summary>
internal sealed class FlowNames
{
    private readonly HashSet<string> _names = [];
    private int _jobs;

    /// <summary>Each name once.</summary>
    public IReadOnlyCollection<string> Names => _names;

    /// <summary>Counts a job.</summary>
    /// <exception cref="InvalidJobException">There are too many.</exception>
    public void Add(string name, FlowPlace place)
    {
        _names.Add(name);
        if (++_jobs > FlowNodeMaker.MaxJobs)
        {
            throw FlowNodeMaker.TooManyJobs(place, "more");
        }
    }
}

/// <summary>Reads the steps of a flow out of JSON. What is wrong is told with its place, such as <c>chain[1].header[3]</c>.</summary>
/// <param name="names">Keeps the names of jobs, and has the members of every group read at once, without being kept. Null: they are read whenever they are asked for.</param>
/// <remarks>It calls itself once per level, and refuses what has more than 64 of them.</remarks>
internal sealed class FlowReader(FlowNames? names)
{
    private static readonly string[] Kinds = ["job", "chain", "group", "chord"];
    private static readonly string[] StepMembers = NamesOf(typeof(FlowStepBody));
    private static readonly string[] ChordMembers = NamesOf(typeof(ChordBody));
    private static readonly string[] RootMembers = [.. StepMembers, .. NamesOf(typeof(FlowBody)).Except(StepMembers)];

    /// <summary>Reads the whole of a flow.</summary>
    /// <exception cref="InvalidJobException">It cannot be one.</exception>
    public IFlowStep ReadRoot(JsonElement root) => Read(root, FlowPlace.Root, level: 1, RootMembers);

    private IFlowStep Read(JsonElement element, FlowPlace place, int level, string[] known)
    {
        var step = ReadMembers(element, place, known);
        var kinds = Kinds.Where(step.ContainsKey).ToList();
        if (kinds is not [var kind])
        {
            throw place.Refused($"a step must have one of job, chain, group and chord, got {(kinds.Count == 0 ? "none" : string.Join(" and ", kinds))}.");
        }

        if (kind != "job" && step.Keys.FirstOrDefault(static name => name.ToLowerInvariant() is "args" or "options") is { } stray)
        {
            throw place.Refused($"'{stray}' must stand beside a job, got it beside {kind}; put it into the jobs that it is for.");
        }

        var hasCallbacks = step.ContainsKey("onSuccess") || step.ContainsKey("onError");
        if (level > FlowNodeMaker.MaxLevels && (kind != "job" || hasCallbacks))
        {
            throw FlowNodeMaker.TooDeep(place);
        }

        var (onSuccess, onError) = (ReadCallbacks(step, "onSuccess", place, level), ReadCallbacks(step, "onError", place, level));
        return kind switch
        {
            "job" => Attach(ReadJob(step, place), onSuccess, onError),
            "chain" => Attach(ReadChain(step[kind], place, level), onSuccess, onError),
            "group" => Attach(Group.Of(ReadGroup(step[kind], place, "group", level)), onSuccess, onError),
            _ => Attach(ReadChord(step[kind], place, level), onSuccess, onError),
        };
    }

    private NamedStep ReadJob(Dictionary<string, JsonElement> step, FlowPlace place)
    {
        try
        {
            var job = JobRequest.Read(step);
            names?.Add(job.Job, place);
            return new NamedStep(job.Job, job.Args, job.Options);
        }
        catch (RequestRefusedException refused)
        {
            throw place.Refused(refused.Message);
        }
    }

    private Chain<object?> ReadChain(JsonElement steps, FlowPlace place, int level)
    {
        RequireArray(steps, "chain", place);
        var chain = default(Chain<object?>);
        var index = 0;
        foreach (var element in steps.EnumerateArray())
        {
            var step = Read(element, place.Child("chain", index++), level + 1, StepMembers);
            chain = chain is null ? Chain.Of(step) : chain.Then(step);
        }

        return chain ?? throw place.Refused("a chain must have at least one step, got none.");
    }

    private Members ReadGroup(JsonElement steps, FlowPlace place, string segment, int level)
    {
        RequireArray(steps, segment, place);
        if (steps.GetArrayLength() is > FlowNodeMaker.MaxJobs and var count)
        {
            throw FlowNodeMaker.TooManyJobs(place, count.ToString("N0", CultureInfo.InvariantCulture));
        }

        var members = new Members(steps, (element, index) => Read(element, place.Child(segment, index), level + 1, StepMembers));
        if (names is not null)
        {
            foreach (var _ in members)
            {
            }
        }

        return members;
    }

    private Chord<object?> ReadChord(JsonElement chord, FlowPlace place, int level)
    {
        if (chord.ValueKind != JsonValueKind.Object)
        {
            throw place.Refused($"chord must be a JSON object {{\"header\",\"body\"}}, got {JobRequest.Kind(chord)}.");
        }

        var parts = ReadMembers(chord, place, ChordMembers);
        var header = ReadGroup(parts.GetValueOrDefault("header"), place, FlowPlace.Header, level);
        return parts.TryGetValue("body", out var body)
            ? Chord.Of(header).Then(Read(body, place.Child("body"), level + 1, StepMembers))
            : throw place.Refused("a chord must have a body, got none; write a group where nothing is to run on the results.");
    }

    private List<IFlowStep> ReadCallbacks(Dictionary<string, JsonElement> step, string name, FlowPlace place, int level)
    {
        if (!step.TryGetValue(name, out var callbacks))
        {
            return [];
        }

        // One is shown without a number, also when it stands in an array; so does the compiler.
        var elements = callbacks.ValueKind == JsonValueKind.Array ? callbacks.EnumerateArray().ToList() : [callbacks];
        return [.. elements.Select((element, index) => Read(element, place.Child(name, elements.Count == 1 ? -1 : index), level + 1, StepMembers))];
    }

    /// <summary>The members of an object that are not null, by name in any case.</summary>
    private static Dictionary<string, JsonElement> ReadMembers(JsonElement element, FlowPlace place, string[] known)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw place.Refused($"a step must be a JSON object with one of job, chain, group and chord, got {JobRequest.Kind(element)}.");
        }

        var members = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name, StringComparer.OrdinalIgnoreCase))
            {
                throw place.Refused($"{(known == RootMembers ? "a flow" : known == ChordMembers ? "a chord" : "a step")} has no member '{JobRequest.Shorten(member.Name)}'; it knows {string.Join(", ", known)}.");
            }

            if (!members.TryAdd(member.Name, member.Value))
            {
                throw place.Refused($"'{member.Name}' must be given once, got it twice.");
            }
        }

        foreach (var name in members.Where(static member => member.Value.ValueKind == JsonValueKind.Null).Select(static member => member.Key).ToList())
        {
            members.Remove(name);
        }

        return members;
    }

    private static void RequireArray(JsonElement steps, string name, FlowPlace place)
    {
        if (steps.ValueKind != JsonValueKind.Array)
        {
            throw place.Refused($"{name} must be an array of steps, got {JobRequest.Kind(steps)}.");
        }
    }

    private static NamedStep Attach(NamedStep step, List<IFlowStep> onSuccess, List<IFlowStep> onError) =>
        onError.Aggregate(onSuccess.Aggregate(step, static (made, callback) => made.OnSuccess(callback)), static (made, callback) => made.OnError(callback));

    private static Chain<object?> Attach(Chain<object?> chain, List<IFlowStep> onSuccess, List<IFlowStep> onError) =>
        onError.Aggregate(onSuccess.Aggregate(chain, static (made, callback) => made.OnSuccess(callback)), static (made, callback) => made.OnError(callback));

    private static Group<object?> Attach(Group<object?> group, List<IFlowStep> onSuccess, List<IFlowStep> onError) =>
        onError.Aggregate(onSuccess.Aggregate(group, static (made, callback) => made.OnSuccess(callback)), static (made, callback) => made.OnError(callback));

    private static Chord<object?> Attach(Chord<object?> chord, List<IFlowStep> onSuccess, List<IFlowStep> onError) =>
        onError.Aggregate(onSuccess.Aggregate(chord, static (made, callback) => made.OnSuccess(callback)), static (made, callback) => made.OnError(callback));

    private static string[] NamesOf(Type body) =>
        [.. body.GetProperties().Select(static property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))];

    /// <summary>The members of a group, read anew each time they are asked for, so that a million of them need no memory.</summary>
    private sealed class Members(JsonElement steps, Func<JsonElement, int, IFlowStep> read) : IReadOnlyCollection<IFlowStep>
    {
        public int Count => steps.GetArrayLength();

        public IEnumerator<IFlowStep> GetEnumerator() => steps.EnumerateArray().Select(read).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
