using Krewe.Dispatch;
using Krewe.Flows;
using Krewe.Storage;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Krewe.Queues;

/// <inheritdoc cref="ICatalogueGrain"/>
[GrainType("krewe.catalogue"), StatelessWorker(4), Reentrant]
internal sealed class CatalogueGrain(
    IJobStore store, IFlowStore flows, QueueCatalogue queues, IWorkerServices workers, IClusterMembershipService membership, IOptions<KreweOptions> options, TimeProvider time)
    : Grain, ICatalogueGrain
{
    /// <summary>How long a job name is known after the last silo that declared it.</summary>
    internal static readonly TimeSpan NameLifetime = TimeSpan.FromDays(30);

    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);

    public async Task<Dictionary<string, int>> GetQueuesAsync() => new(await store.ListQueuesAsync());

    public async Task<int> CreateQueueAsync(string queue)
    {
        var known = await store.ListQueuesAsync();
        if (known.TryGetValue(queue, out var partitions))
        {
            return partitions;
        }

        return options.Value.CreateMissingQueues && JobIds.IsName(queue) ? await queues.DeclareAsync(queue) : throw new UnknownQueueException(queue);
    }

    public Task<bool> IsNameDeclaredAsync(string jobName) => store.IsNameDeclaredAsync(jobName, NameLifetime);

    public async Task<List<WorkerInfo>> GetWorkersAsync()
    {
        var answers = await Task.WhenAll(ActiveSilos().Select(DescribeAsync));
        return [.. answers.OfType<WorkerInfo>().OrderBy(worker => worker.Name, StringComparer.Ordinal)];
    }

    public Task<List<string>> GetSilosAsync() => Task.FromResult(ActiveSilos().Select(silo => silo.ToParsableString()).ToList());

    public async Task<FlowPage> ListFlowsAsync(string? after, int limit)
    {
        try
        {
            var page = await flows.ListAsync(after, limit);
            return new FlowPage(page.Flows.Select(static flow => FlowViews.Listed(flow.Id, flow.Head)).ToList(), page.Next);
        }
        catch (FormatException)
        {
            throw JobQuery.NotACursor();
        }
    }

    private IEnumerable<SiloAddress> ActiveSilos() => membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress);

    private async Task<WorkerInfo?> DescribeAsync(SiloAddress silo)
    {
        try
        {
            return await workers.On(silo).DescribeAsync().WaitAsync(AnswerTime, time);
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            return null; // Starting, stopping or hung: it is not among those that run jobs now.
        }
    }
}
