using Krewe.Definitions;
using Krewe.Jobs;

namespace Krewe;

internal sealed partial class JobClient
{
    public IQueueInspector Queues => services.QueueInspector;

    public IWorkerInspector Workers => services.WorkerInspector;

    public IScheduleClient Schedules => services.Schedules;

    public JobHandle GetHandle(string jobId) => new ClientJobHandle(Valid(jobId), isExisting: true, services.Calls);

    public JobHandle<T> GetHandle<T>(string jobId) => new ClientJobHandle<T>(Valid(jobId), isExisting: true, services.Calls);

    public IAsyncEnumerable<JobEvent> WatchAsync(JobEventFilter? filter = null, CancellationToken cancellationToken = default) => services.Events.WatchAsync(filter, cancellationToken);

    private static string Valid(string jobId)
    {
        ArgumentNullException.ThrowIfNull(jobId);
        return JobIds.TryParse(jobId, out _, out _, out _)
            ? jobId
            : throw new InvalidJobException($"A job id must be of the form <queue>~<partition>~<id>, got {Violations.Quote(jobId)}; pass the Id of a handle.");
    }
}
