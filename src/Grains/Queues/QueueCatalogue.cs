using Krewe.Storage;
using Microsoft.Extensions.Options;

namespace Krewe.Queues;

/// <summary>Declares the queues that configuration names.</summary>
internal sealed class QueueCatalogue(IJobStore store, IOptions<KreweOptions> options)
{
    private readonly KreweOptions _options = options.Value;

    /// <summary>Declares every queue that exists by configuration.</summary>
    /// <exception cref="StoreConfigurationException">A queue has another number of partitions in the store than configuration asks for; all such are named.</exception>
    public async Task DeclareAllAsync()
    {
        var problems = new List<string>();
        foreach (var queue in KreweOptions.BuiltInQueues.Union(_options.Queues.Keys).Union(_options.ConsumedQueues.Keys))
        {
            var asked = _options.Queues.GetValueOrDefault(queue)?.Partitions ?? _options.Partitions;
            var stored = await DeclareAsync(queue);
            if (asked is { } number && number != stored)
            {
                problems.Add($"Queue '{queue}' must have the {stored} partitions it was first used with, got {number}; set Krewe:Queues:{queue}:Partitions to {stored}, or drain it and use another name.");
            }
        }

        if (problems.Count > 0)
        {
            throw new StoreConfigurationException(string.Join(Environment.NewLine, problems));
        }
    }

    /// <summary>Declares one queue; gives the number of partitions that holds.</summary>
    public Task<int> DeclareAsync(string queue) =>
        store.DeclareQueueAsync(queue, _options.Queues.GetValueOrDefault(queue)?.Partitions ?? _options.Partitions ?? (store.IsExclusive ? 1 : 4));
}
