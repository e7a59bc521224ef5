using System.Text.Json;
using System.Text.Json.Nodes;
using Krewe.Definitions;
using Krewe.Flows;
using Microsoft.Extensions.Configuration;

namespace Krewe.Schedules;

/// <summary>Reads schedules out of configuration.</summary>
internal static class ScheduleSettingsReader
{
    /// <summary>When it is due.</summary>
    /// <exception cref="InvalidJobException">There is not exactly one kind, or something stands beside another kind than its own.</exception>
    internal static Recurrence RecurrenceOf(ScheduleSettings settings) => new RecurrenceParts(settings.Cron, settings.TimeZone, settings.Every, settings.Aligned, settings.At, settings.Solar switch
    {
        null => null,
        { Event: { } solar, Latitude: { } latitude, Longitude: { } longitude } => Recurrence.Solar(solar, latitude, longitude),
        _ => throw new InvalidJobException("Solar must have Event, Latitude and Longitude, got less; add what is missing."),
    }).Read();

    /// <summary>What it enqueues.</summary>
    /// <exception cref="InvalidJobException">It has no job, or its args are no JSON object.</exception>
    internal static IFlowStep WorkOf(ScheduleSettings settings)
    {
        if (!JobIds.IsName(settings.Job))
        {
            throw new InvalidJobException($"Job must be a job's name, 1..{JobIds.MaxNameLength} characters of [A-Za-z0-9._-], got {Violations.Quote(settings.Job)}; schedules of flows are made in code or by a call.");
        }

        try
        {
            var args = JsonElement.Parse(settings.Args ?? "{}");
            return args.ValueKind == JsonValueKind.Object ? new NamedStep(settings.Job!, args) : throw NotAnObject(settings.Args);
        }
        catch (JsonException)
        {
            throw NotAnObject(settings.Args);
        }
    }

    /// <summary>What it does beside.</summary>
    internal static ScheduleOptions OptionsOf(ScheduleSettings settings)
    {
        var defaults = new ScheduleOptions();
        var options = settings.Options;
        if (options is { RetryDelay: not null } or { MaxRetryDelay: not null } or { Backoff: not null } or { Jitter: not null } or { RetryOnHardLimit: not null } or { RetryOn: not null } or { DontRetryOn: not null })
        {
            throw new InvalidJobException($"Options must not say how a job is retried, beside MaxRetries; say it in Krewe:Jobs:{settings.Job}.");
        }

        return defaults with
        {
            Enabled = settings.Enabled,
            Start = settings.Start,
            End = settings.End,
            MaxRuns = settings.MaxRuns,
            Jitter = settings.Jitter,
            Misfire = settings.Misfire ?? defaults.Misfire,
            MisfireThreshold = settings.MisfireThreshold ?? defaults.MisfireThreshold,
            MaxMisfires = settings.MaxMisfires ?? defaults.MaxMisfires,
            Overlap = settings.Overlap ?? defaults.Overlap,
            Description = settings.Description,
            Enqueue = new EnqueueOptions
            {
                Delay = settings.Delay,
                ExpiresIn = settings.ExpiresIn,
                Queue = options.Queue,
                Priority = options.Priority,
                MaxRetries = options.MaxRetries,
                SoftTimeLimit = options.SoftTimeLimit,
                TimeLimit = options.TimeLimit,
                ResultTtl = options.ResultTtl,
                IgnoreResult = options.IgnoreResult,
                Delivery = options.Delivery,
                Headers = settings.Headers is { Count: > 0 } headers ? headers : null,
            },
        };
    }

    /// <summary>The section <c>Krewe</c> with args of schedules that are written as sections as their JSON text: the binder would leave out the whole schedule without a word.</summary>
    internal static IConfiguration WithArgsAsText(IConfigurationSection krewe)
    {
        var written = krewe.GetSection(nameof(KreweOptions.Schedules)).GetChildren().Select(static schedule => schedule.GetSection(nameof(ScheduleSettings.Args))).Where(static args => args.GetChildren().Any()).ToList();
        if (written.Count == 0)
        {
            return krewe;
        }

        var settings = krewe.AsEnumerable(makePathsRelative: true).Where(setting => !written.Any(args => $"{krewe.Path}:{setting.Key}".StartsWith($"{args.Path}:", StringComparison.OrdinalIgnoreCase)))
            .Concat(written.Select(args => KeyValuePair.Create(args.Path[(krewe.Path.Length + 1)..], (string?)NodeOf(args)!.ToJsonString())));
        return new ConfigurationBuilder().AddInMemoryCollection(settings.GroupBy(static setting => setting.Key, StringComparer.OrdinalIgnoreCase).Select(static same => same.Last())).Build();
    }

    private static JsonNode? NodeOf(IConfigurationSection section)
    {
        var children = section.GetChildren().ToList();
        if (children.Count == 0)
        {
            return ValueOf(section.Value);
        }

        return children.Select(static (child, index) => child.Key == index.ToString(System.Globalization.CultureInfo.InvariantCulture)).All(static isIndex => isIndex)
            ? new JsonArray([.. children.Select(NodeOf)])
            : new JsonObject(children.Select(static child => KeyValuePair.Create(child.Key, NodeOf(child))));
    }

    /// <summary>Configuration keeps texts only: what reads as a number or a truth value was one, most likely.</summary>
    private static JsonValue? ValueOf(string? text)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            return text is "True" or "False" ? JsonValue.Create(text == "True") : JsonNode.Parse(text) is JsonValue value ? value : JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static InvalidJobException NotAnObject(string? args) => new($"Args must be the text of a JSON object, got {Violations.Quote(args)}; write such as '{{\"day\": 1}}', or leave it out.");
}
