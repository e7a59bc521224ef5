using Krewe.Jobs;
using Orleans.Concurrency;

namespace Krewe.Queues;

/// <summary>The owner of one queue partition, as clients see it. Key: <see cref="PartitionKey"/> as text.</summary>
/// <remarks>
/// Every call may fail with <see cref="StoreUnavailableException"/> (within 5 seconds), and with Orleans' transient exceptions while a partition moves;
/// every call may be repeated with the same ids.
/// </remarks>
[Alias("krewe.queue")]
internal interface IQueueGrain : IGrainWithStringKey
{
    /// <summary>Makes jobs durable. Answers are per element and in order; at most 1,000 elements.</summary>
    [Alias("add")]
    Task<AddAnswer[]> AddAsync(NewJob[] jobs);

    /// <summary>Reads a job by the last part of its id; null when unknown.</summary>
    [Alias("info")]
    Task<JobInfo?> GetInfoAsync(string id);

    /// <summary>Reads how a job ended, with its whole result; null while it is not final.</summary>
    [Alias("ending")]
    Task<JobEnding?> GetEndingAsync(string id);

    /// <summary>
    /// Subscribes to the ends of jobs (last parts of ids, at most 1,000), then reads their states once. The interest lasts 30 seconds; repeating the call renews it.
    /// </summary>
    /// <returns>Per id: how it ended, or null while it is not final (the observer will be told).</returns>
    [Alias("await")]
    Task<JobEnding?[]> AwaitAsync(string[] ids, IJobObserver observer);

    /// <summary>Takes back the interest in jobs.</summary>
    [Alias("unawait")]
    Task UnawaitAsync(string[] ids, IJobObserver observer);

    /// <summary>Cancels a job; true when it is or will be cancelled.</summary>
    [Alias("cancel")]
    Task<bool> CancelAsync(string id, string? reason);

    /// <summary>Sends a final job round again; true when it is queued.</summary>
    /// <exception cref="UniqueKeyHeldException">Another job holds its unique key.</exception>
    [Alias("redrive")]
    Task<bool> RedriveAsync(string id);

    /// <summary>Removes a final job's record; true when it was removed.</summary>
    [Alias("forget")]
    Task<bool> ForgetAsync(string id);

    /// <summary>This partition's part of <see cref="QueueInfo"/>.</summary>
    [Alias("queue-info")]
    Task<QueueInfo> GetQueueInfoAsync();

    /// <summary>A page of this partition's jobs; <see cref="JobPage.Next"/> is this partition's own cursor.</summary>
    [Alias("list")]
    Task<JobPage> ListAsync(JobQuery query);
}

/// <summary>What the cluster as a whole knows. A stateless worker, key 0.</summary>
[Alias("krewe.catalogue")]
internal interface ICatalogueGrain : IGrainWithIntegerKey
{
    /// <summary>Queues and their numbers of partitions.</summary>
    [Alias("queues")]
    Task<Dictionary<string, int>> GetQueuesAsync();

    /// <summary>Creates a queue when the cluster's configuration has <c>Krewe:CreateMissingQueues</c>; else throws <see cref="UnknownQueueException"/>.</summary>
    /// <returns>Its number of partitions.</returns>
    [Alias("create-queue")]
    Task<int> CreateQueueAsync(string queue);

    /// <summary>Whether a silo declared a handler for this name within the last 30 days.</summary>
    [Alias("is-declared")]
    Task<bool> IsNameDeclaredAsync(string jobName);

    /// <summary>The silos that run jobs; one that does not answer within 2 seconds is left out.</summary>
    [Alias("workers")]
    Task<List<WorkerInfo>> GetWorkersAsync();

    /// <summary>Parsable addresses of the active silos.</summary>
    [Alias("silos")]
    Task<List<string>> GetSilosAsync();

    /// <summary>A page of flows, newest first, without counts.</summary>
    /// <param name="after">The cursor of the page before; null: the first page.</param>
    /// <param name="limit">1..200.</param>
    /// <exception cref="InvalidJobException"><paramref name="after"/> is no cursor.</exception>
    [Alias("flows")]
    Task<FlowPage> ListFlowsAsync(string? after, int limit);
}

/// <summary>The events of one silo. Key: the silo's parsable address; it lives on that silo and nowhere else.</summary>
[Alias("krewe.event-hub")]
internal interface IEventHubGrain : IGrainWithStringKey
{
    /// <summary>Sends this silo's events to an observer for 30 seconds; repeating the call renews it.</summary>
    [Alias("watch")]
    Task WatchAsync(IJobEventObserver observer, JobEventFilter? filter);

    [Alias("unwatch")]
    Task UnwatchAsync(IJobEventObserver observer);
}

/// <summary>Is told what happens to jobs, in batches.</summary>
[Alias("krewe.job-event-observer")]
internal interface IJobEventObserver : IGrainObserver
{
    [OneWay, Alias("on")]
    Task OnAsync(JobEvent[] events);
}
