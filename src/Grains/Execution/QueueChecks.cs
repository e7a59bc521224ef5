using Krewe.Definitions;

namespace Krewe.Execution;

/// <summary>Queues that code or configuration names and that do not exist. Pure.</summary>
internal static class QueueChecks
{
    internal static IEnumerable<string> Of(IEnumerable<JobDefinition> definitions, KreweOptions options)
    {
        if (options.CreateMissingQueues)
        {
            return [];
        }

        var known = new HashSet<string>([.. KreweOptions.BuiltInQueues, .. options.Queues.Keys, .. options.ConsumedQueues.Keys], StringComparer.Ordinal);
        return Named(definitions, options)
            .Where(named => named.Queue is { Length: > 0 } queue && !known.Contains(queue))
            .Select(named => $"{named.Place} must name a queue that exists ({string.Join(", ", known.Order(StringComparer.Ordinal))}), got '{named.Queue}'; add it to Krewe:Queues, or set Krewe:CreateMissingQueues.");
    }

    private static IEnumerable<(string Place, string? Queue)> Named(IEnumerable<JobDefinition> definitions, KreweOptions options)
    {
        // A silo that consumes some queues only is one of several; what its code names may be the queue of another one. An enqueue to a queue of nobody is refused all the same.
        foreach (var definition in options.ConsumedQueues.Count > 0 ? [] : definitions)
        {
            yield return ($"[Job] on {TypeNames.Of(definition.JobType)}", definition.Attribute.Queue);
            yield return ($"AddJob for '{definition.Name}'", definition.Code?.Queue);
        }

        foreach (var (name, job) in options.Jobs)
        {
            yield return ($"Krewe:Jobs:{name}:Queue", job.Queue);
        }

        foreach (var route in options.Routes)
        {
            yield return ($"The route '{route.Pattern}'", route.Queue);
        }
    }
}
