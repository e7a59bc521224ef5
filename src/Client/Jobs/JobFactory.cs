using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Krewe.Definitions;
using Microsoft.Extensions.Options;

namespace Krewe.Jobs;

/// <summary>A job that was checked and serialized, before it has an id and a partition.</summary>
internal readonly record struct PreparedJob(string Name, byte[] Args, MergedJob Merged);

/// <summary>Makes what travels to a queue out of what a caller passes.</summary>
internal sealed class JobFactory(JobCatalogue catalogue, IOptions<KreweOptions> options, TimeProvider time)
{
    /// <summary>Most calls set nothing; what then holds for a type never changes.</summary>
    private readonly ConcurrentDictionary<JobDefinition, MergedJob> _defaults = new();

    /// <exception cref="InvalidJobException">Type, args or options do not fit.</exception>
    /// <exception cref="PayloadTooLargeException">The args are over the limit.</exception>
    internal PreparedJob Prepare(IJob job, EnqueueOptions? call)
    {
        var definition = catalogue.Get(job.GetType());
        return new(definition.Name, ArgsJson.Of(job, definition, options.Value.MaxPayloadBytes), Merge(definition, call));
    }

    /// <inheritdoc cref="Prepare(IJob, EnqueueOptions?)"/>
    internal PreparedJob Prepare(string jobName, JsonElement args, EnqueueOptions? call)
    {
        if (OptionChecks.OfName("", "jobName", jobName) is [var violation, ..])
        {
            throw new InvalidJobException(violation);
        }

        var isKnown = catalogue.TryGet(jobName, out var definition);
        var merged = isKnown ? Merge(definition!, call) : SettingsMerge.Unmerged(jobName, call, options.Value);
        return new(jobName, ArgsJson.Of(jobName, args, definition, options.Value.MaxPayloadBytes), merged);
    }

    /// <summary>The partition that the call's id or key leads to; null where any will do.</summary>
    internal static int? FixedPartition(string jobName, EnqueueOptions? call, int partitions) => call switch
    {
        { Id: { } id } => JobKeys.PartitionOf(id, partitions),
        { UniqueKey: { } key } => JobKeys.PartitionOf(jobName, key, partitions),
        _ => null,
    };

    internal NewJob Complete(PreparedJob job, EnqueueOptions? call, int partition, int partitions, string? parentId)
    {
        var activity = Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current : null;
        return new NewJob
        {
            Id = call?.Id ?? JobKeys.NewId(partition, call?.UniqueKey is null ? partitions : 1, time.GetUtcNow()),
            Name = job.Name,
            Args = job.Args,
            Fingerprint = JobKeys.Fingerprint(job.Name, job.Args),
            Priority = job.Merged.Priority,
            Settings = job.Merged.Settings,
            IsMerged = job.Merged.IsMerged,
            Delay = call?.Delay,
            NotBefore = call?.NotBefore,
            ExpiresAt = call?.ExpiresAt,
            ExpiresIn = call?.ExpiresIn,
            HasCallerId = call?.Id is not null,
            UniqueKey = call?.UniqueKey,
            UniqueFor = call?.UniqueFor,
            Headers = call?.Headers is { Count: > 0 } headers ? new Dictionary<string, string>(headers) : null,
            TraceParent = activity?.Id,
            TraceState = activity?.TraceStateString,
            ParentId = parentId,
        };
    }

    /// <summary>An id for a flow whose caller set none, time-ordered.</summary>
    internal string NewFlowId() => JobKeys.NewId(partition: 0, partitions: 1, time.GetUtcNow());

    private MergedJob Merge(JobDefinition definition, EnqueueOptions? call) => call is null
        ? _defaults.GetOrAdd(definition, static (known, settings) => SettingsMerge.Merge(known, null, settings), options.Value)
        : SettingsMerge.Merge(definition, call, options.Value);
}
