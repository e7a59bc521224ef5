using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Krewe.Definitions;

namespace Krewe.Execution;

/// <summary>The handlers of this silo by job name. Immutable; made once, when the silo starts.</summary>
internal sealed class HandlerRegistry
{
    private readonly FrozenDictionary<string, JobInvoker> _byName;

    /// <summary>Collects the handlers and makes their definitions known to the catalogue.</summary>
    /// <exception cref="HandlerRegistrationException">They do not fit together; names every problem.</exception>
    public HandlerRegistry(HandlerCollector collector, JobCatalogue catalogue)
    {
        var invokers = collector.Collect();
        _byName = invokers
            .SelectMany(invoker => invoker.Definition.Aliases.Prepend(invoker.Definition.Name).Distinct(StringComparer.Ordinal), (invoker, name) => KeyValuePair.Create(name, invoker))
            .ToFrozenDictionary(StringComparer.Ordinal);
        foreach (var invoker in invokers)
        {
            catalogue.Register(invoker.Definition);
        }
    }

    /// <summary>All names and old names that this silo handles.</summary>
    internal IReadOnlyList<string> Names => _byName.Keys;

    /// <summary>The handler of a name or an old name.</summary>
    internal bool TryFind(string jobName, [NotNullWhen(true)] out JobInvoker? invoker) => _byName.TryGetValue(jobName, out invoker);
}
