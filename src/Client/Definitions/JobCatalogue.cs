using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Krewe.Definitions;

/// <summary>The job types that this process knows, by type and by name. Thread-safe; one per process.</summary>
internal sealed class JobCatalogue
{
    private readonly ConcurrentDictionary<Type, JobDefinition> _byType = new();
    private readonly ConcurrentDictionary<string, JobDefinition> _byName = new(StringComparer.Ordinal);
    private readonly HashSet<Type> _registered = [];
    private readonly Lock _gate = new();

    /// <summary>The definition of a job type; read from its <c>[Job]</c> where nobody registered it.</summary>
    /// <exception cref="InvalidJobException">The type cannot be a job; the message says why and what to write.</exception>
    internal JobDefinition Get(Type jobType)
    {
        if (_byType.TryGetValue(jobType, out var known))
        {
            return known;
        }

        var read = DefinitionReader.Read(jobType, code: null);
        lock (_gate)
        {
            if (_byType.TryGetValue(jobType, out known))
            {
                return known;
            }

            _byType[jobType] = read;
            foreach (var name in Names(read))
            {
                _byName.TryAdd(name, read);
            }

            return read;
        }
    }

    /// <summary>The definition behind a name or an old name of a job.</summary>
    internal bool TryGet(string name, [NotNullWhen(true)] out JobDefinition? definition) => _byName.TryGetValue(name, out definition);

    /// <summary>Makes a definition known under its type, name and aliases, in place of one that was only read.</summary>
    /// <exception cref="InvalidJobException">Another registered type has one of its names.</exception>
    internal void Register(JobDefinition definition)
    {
        lock (_gate)
        {
            foreach (var name in Names(definition))
            {
                if (_byName.TryGetValue(name, out var holder) && holder.JobType != definition.JobType && _registered.Contains(holder.JobType))
                {
                    throw new InvalidJobException(
                        $"The job name '{name}' must belong to one type, got {holder.JobType.FullName} and {definition.JobType.FullName}; give one of them another name in [Job] or its Aliases.");
                }
            }

            _registered.Add(definition.JobType);
            _byType[definition.JobType] = definition;
            foreach (var name in Names(definition))
            {
                _byName[name] = definition;
            }
        }
    }

    private static IEnumerable<string> Names(JobDefinition definition) => definition.Aliases.Prepend(definition.Name);
}
