using System.Text.Json;
using Krewe.Flows;

namespace Krewe.Api;

/// <summary>A schedule as it is written in a request: one of <c>cron</c>, <c>every</c>, <c>at</c> and <c>solar</c>, and one of <c>job</c> and <c>flow</c>.</summary>
/// <param name="Id">Its id, <c>[A-Za-z0-9._-]</c>, 1 to 100 characters; where the path has it, absent or the same.</param>
/// <param name="Etag">Of a change: the etag that must still hold; as the header <c>If-Match</c>.</param>
/// <param name="Job">The stable name of a job.</param>
/// <param name="Args">Of a job: a JSON object; absent: <c>{}</c>.</param>
/// <param name="Options">Of a job: how each is enqueued.</param>
/// <param name="Flow">The tree of a flow, as in <c>POST /api/flows</c>, without an id.</param>
/// <param name="Enabled">Whether it fires; absent: true.</param>
/// <param name="Start">Nothing is due before.</param>
/// <param name="End">Nothing is due after.</param>
/// <param name="MaxRuns">Occurrences after which it ends.</param>
/// <param name="Jitter">Spreads occurrences over this time; absent: 0.</param>
/// <param name="Misfire">What becomes of occurrences that are too late; absent: FireOnce.</param>
/// <param name="MisfireThreshold">How late an occurrence may be and still count as on time; absent: 1 minute.</param>
/// <param name="MaxMisfires">With FireAll: how many late ones fire; absent: 100.</param>
/// <param name="Overlap">What becomes of an occurrence while the one before has not ended; absent: Allow.</param>
/// <param name="Description">For people.</param>
/// <inheritdoc cref="RecurrenceBody"/>
internal sealed record ScheduleBody(
    string? Id = null, string? Etag = null,
    string? Cron = null, string? TimeZone = null, TimeSpan? Every = null, bool? Aligned = null, DateTimeOffset? At = null, SolarBody? Solar = null,
    string? Job = null, JsonElement? Args = null, JsonElement? Options = null, JsonElement? Flow = null,
    bool? Enabled = null, DateTimeOffset? Start = null, DateTimeOffset? End = null, long? MaxRuns = null, TimeSpan? Jitter = null,
    MisfirePolicy? Misfire = null, TimeSpan? MisfireThreshold = null, int? MaxMisfires = null, OverlapPolicy? Overlap = null, string? Description = null)
    : RecurrenceBody(Cron, TimeZone, Every, Aligned, At, Solar)
{
    /// <summary>What an answer has beside what is written: a body that was read from one may keep it.</summary>
    private static readonly string[] Told = ["text", "state", "source", "isOverridden", "createdAt", "updatedAt", "lastDue", "nextDue", "fired", "skipped", "missed", "occurrences"];

    private bool HasRecurrence => Cron is not null || Every is not null || At is not null || Solar is not null || TimeZone is not null || Aligned is not null;

    private bool HasWork => Job is not null || Flow is not null || Args is not null || Options is not null;

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="RequestRefusedException">Something is unknown or does not fit.</exception>
    public static ScheduleBody Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return StrictReader.Read<ScheduleBody>(body, path: "");
        }

        using var written = new MemoryStream();
        using (var writer = new Utf8JsonWriter(written))
        {
            writer.WriteStartObject();
            foreach (var member in body.EnumerateObject().Where(static member => !Told.Contains(member.Name, StringComparer.OrdinalIgnoreCase)))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return StrictReader.Read<ScheduleBody>(JsonElement.Parse(written.ToArray()), path: "");
    }

    /// <summary>The whole of a new definition, or of one that replaces another.</summary>
    /// <param name="hasWork">Whether there is something to enqueue already, so that none need be said.</param>
    public ScheduleChange ReadWhole(bool hasWork) => Request(Read(), OptionsOn(new ScheduleOptions(), default), needsWork: !hasWork);

    /// <summary>What is to be changed of a definition.</summary>
    /// <param name="known">What it is.</param>
    /// <param name="body">The body, which tells a member that is null from one that is absent.</param>
    public ScheduleChange ReadChange(ScheduleInfo known, JsonElement body) =>
        Request(HasRecurrence || IsNull(body, "timeZone") || IsNull(body, "aligned") ? On(known.Recurrence, body).Read() : null, OptionsOn(known.Options, body), needsWork: false);

    private ScheduleChange Request(Recurrence? recurrence, ScheduleOptions options, bool needsWork)
    {
        if (!needsWork && !HasWork)
        {
            return new() { Recurrence = recurrence, Options = options };
        }

        var (step, enqueue, flow) = ReadWork();
        return new() { Recurrence = recurrence, Work = step, Options = options with { Enqueue = enqueue, Flow = flow, FlowTree = Flow } };
    }

    private static bool IsNull(JsonElement body, string name) => body.ValueKind == JsonValueKind.Object && body.EnumerateObject().Any(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && member.Value.ValueKind == JsonValueKind.Null);

    /// <summary>The recurrence with what it leaves out of its kind as it was.</summary>
    private ScheduleBody On(Recurrence known, JsonElement body) => known switch
    {
        CronRecurrence cron when Every is null && At is null && Solar is null => this with { Cron = Cron ?? cron.Expression, TimeZone = TimeZone ?? (IsNull(body, "timeZone") ? null : cron.TimeZone) },
        IntervalRecurrence interval when Cron is null && At is null && Solar is null => this with { Every = Every ?? interval.Interval, Aligned = Aligned ?? (IsNull(body, "aligned") ? null : interval.IsAligned) },
        _ => this,
    };

    /// <summary>Options with what is said on top; a member that is null takes its default.</summary>
    private ScheduleOptions OptionsOn(ScheduleOptions known, JsonElement body)
    {
        var defaults = new ScheduleOptions();
        T Left<T>(string name, Func<ScheduleOptions, T> option) => option(IsNull(body, name) ? defaults : known);
        return known with
        {
            Enabled = Enabled ?? Left("enabled", static options => options.Enabled),
            Start = Start ?? Left("start", static options => options.Start),
            End = End ?? Left("end", static options => options.End),
            MaxRuns = MaxRuns ?? Left("maxRuns", static options => options.MaxRuns),
            Jitter = Jitter ?? Left("jitter", static options => options.Jitter),
            Misfire = Misfire ?? Left("misfire", static options => options.Misfire),
            MisfireThreshold = MisfireThreshold ?? Left("misfireThreshold", static options => options.MisfireThreshold),
            MaxMisfires = MaxMisfires ?? Left("maxMisfires", static options => options.MaxMisfires),
            Overlap = Overlap ?? Left("overlap", static options => options.Overlap),
            Description = Description ?? Left("description", static options => options.Description),
        };
    }

    private (IFlowStep Step, EnqueueOptions? Enqueue, FlowOptions? Flow) ReadWork()
    {
        if ((Job is null) == (Flow is null))
        {
            throw RequestRefusedException.BadRequest($"A schedule must have one of job and flow, got {(Job is null ? "none" : "both")}.");
        }

        if (Flow is { } tree)
        {
            if ((Args is null ? Options is null ? null : "options" : "args") is { } stray)
            {
                throw RequestRefusedException.BadRequest($"'{stray}' must stand beside a job, got it beside flow; put it into the jobs that it is for.");
            }

            var flow = FlowRequest.Read(tree);
            return (flow.Flow, null, flow.Options == new FlowOptions() ? null : flow.Options);
        }

        var members = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase) { ["job"] = JsonSerializer.SerializeToElement(Job), ["args"] = Args ?? JsonElement.Parse("{}") };
        if (Options is { } options)
        {
            members["options"] = options;
        }

        var job = JobRequest.Read(members);
        return (new NamedStep(job.Job, job.Args), job.Options, null);
    }
}
