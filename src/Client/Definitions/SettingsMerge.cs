using Krewe.Jobs;

namespace Krewe.Definitions;

/// <summary>Where a job goes and what governs its attempts, once the levels of precedence are merged.</summary>
/// <param name="Queue">Its queue.</param>
/// <param name="Priority">0..9.</param>
/// <param name="Settings">Null where nothing differs from the built-in settings.</param>
/// <param name="IsMerged">Whether <paramref name="Settings"/> holds every level; false: only what the call set.</param>
internal readonly record struct MergedJob(string Queue, int Priority, JobSettings? Settings, bool IsMerged);

/// <summary>Merges the levels of precedence, weakest first: built-in, <c>Krewe:Defaults</c>, the queue's defaults, <c>[Job]</c>, <c>AddJob</c>, <c>Krewe:Jobs</c>, the call. Pure.</summary>
/// <remarks>
/// Each property comes from the strongest level that sets it. Two pairs are bound to each other. Time limits: a hard limit clips a soft one of another
/// level, and soft over hard within one level is refused. Backoff: a cap clips a base of a weaker level, a base raises a cap of a weaker level. The
/// call's <see cref="RetryPolicy"/> replaces the policy as a whole, filters included.
/// </remarks>
internal static class SettingsMerge
{
    private const string DefaultQueue = "default";

    /// <summary>For a job whose type this process knows.</summary>
    /// <exception cref="InvalidJobException">One level has its soft limit over its hard one.</exception>
    internal static MergedJob Merge(JobDefinition definition, EnqueueOptions? call, KreweOptions options)
    {
        var configured = options.Jobs.GetValueOrDefault(definition.Name);
        var queue = call?.Queue ?? configured?.Queue ?? definition.Code?.Queue ?? definition.Attribute.Queue ?? Routed(definition.Name, options);
        var priority = call?.Priority ?? configured?.Priority ?? definition.Code?.Priority ?? definition.Attribute.Priority ?? InheritedPriority(queue, options);
        return new(queue, priority, Complete(PerCall(call), definition, queue, options), IsMerged: true);
    }

    /// <summary>For a name that this process knows no type of: a worker that does adds the weaker levels with <see cref="Complete"/>.</summary>
    internal static MergedJob Unmerged(string jobName, EnqueueOptions? call, KreweOptions options)
    {
        var configured = options.Jobs.GetValueOrDefault(jobName);
        var queue = call?.Queue ?? configured?.Queue ?? Routed(jobName, options);
        return new(queue, call?.Priority ?? configured?.Priority ?? InheritedPriority(queue, options), PerCall(call), IsMerged: false);
    }

    /// <summary>Puts the weaker levels under what a call set.</summary>
    /// <param name="perCall">The stored settings of an unmerged job; null: the call set nothing.</param>
    /// <param name="definition">The job's definition in this process.</param>
    /// <param name="queue">The queue that the job is in.</param>
    /// <param name="options">This process's options.</param>
    /// <returns>Null where nothing differs from the built-in settings.</returns>
    /// <exception cref="InvalidJobException">One level has its soft limit over its hard one.</exception>
    internal static JobSettings? Complete(JobSettings? perCall, JobDefinition definition, string queue, KreweOptions options)
    {
        var merged = new SettingsFold();
        merged.Add(options.Defaults);
        merged.Add(options.Queues.GetValueOrDefault(queue)?.Defaults);
        merged.Add(definition.Attribute);
        merged.Add(definition.Code);
        merged.Add(options.Jobs.GetValueOrDefault(definition.Name));
        return merged.Finish(perCall);
    }

    private static string Routed(string jobName, KreweOptions options)
    {
        foreach (var route in options.Routes)
        {
            if (NameGlob.IsMatch(route.Pattern, jobName))
            {
                return route.Queue;
            }
        }

        return DefaultQueue;
    }

    private static int InheritedPriority(string queue, KreweOptions options) => options.Queues.GetValueOrDefault(queue)?.Defaults.Priority ?? options.Defaults.Priority ?? 0;

    private static JobSettings? PerCall(EnqueueOptions? call)
    {
        if (call is null or { MaxRetries: null, Retry: null, SoftTimeLimit: null, TimeLimit: null, ResultTtl: null, IgnoreResult: null, Delivery: null })
        {
            return null;
        }

        return new JobSettings
        {
            MaxRetries = call.MaxRetries,
            Retry = call.Retry,
            SoftTimeLimit = call.SoftTimeLimit,
            TimeLimit = call.TimeLimit,
            ResultTtl = call.ResultTtl,
            IgnoreResult = call.IgnoreResult,
            Delivery = call.Delivery,
        };
    }
}
