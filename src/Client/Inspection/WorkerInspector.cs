using Krewe.Queues;

namespace Krewe.Inspection;

/// <summary>Asks the catalogue for the workers.</summary>
internal sealed class WorkerInspector(QueueDirectory queues, TimeProvider time) : IWorkerInspector
{
    public async Task<IReadOnlyList<WorkerInfo>> ListAsync(CancellationToken cancellationToken = default)
    {
        var workers = await RetriedCall.ForRead(time).RunAsync(static directory => directory.Catalogue.GetWorkersAsync(), queues, cancellationToken).ConfigureAwait(false);
        return [.. workers.OrderBy(worker => worker.Name, StringComparer.Ordinal).ThenBy(worker => worker.Silo, StringComparer.Ordinal)];
    }
}
