using System.Text.Json;

namespace Krewe;

/// <summary>The way in: enqueues jobs and reads what became of them. Thread-safe; one per process.</summary>
/// <remarks>
/// When an enqueue returns, the job is durable. When it throws, the message says whether it may have been stored, and under which id; repeating the
/// call with that id does no harm. Calls under load travel in batches; a lone call is not delayed.
/// </remarks>
public interface IJobClient
{
    /// <summary>Enqueues a job.</summary>
    /// <param name="job">The args; serialized as JSON by runtime type.</param>
    /// <param name="options">What this call sets; null: nothing.</param>
    /// <param name="cancellationToken">Gives up waiting; the job may have been stored.</param>
    /// <exception cref="InvalidJobException">Args or options do not fit; nothing was stored.</exception>
    /// <exception cref="UnknownQueueException">No such queue; nothing was stored.</exception>
    /// <exception cref="JobIdConflictException">The id belongs to a job with another name or other args.</exception>
    /// <exception cref="PayloadTooLargeException">The args are over the limit (1 MiB by default).</exception>
    /// <exception cref="QueueFullException">The queue is at its limit.</exception>
    /// <exception cref="StoreUnavailableException">The store did not answer; the message says whether the job may have been stored.</exception>
    Task<JobHandle> EnqueueAsync(IJob job, EnqueueOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Enqueues a job with a result.</summary>
    /// <inheritdoc cref="EnqueueAsync(IJob, EnqueueOptions?, CancellationToken)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    Task<JobHandle<T>> EnqueueAsync<T>(IJob<T> job, EnqueueOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Enqueues a job by its name; this process need not know its type. A name that nobody handles waits, parked, until a worker does.</summary>
    /// <inheritdoc cref="EnqueueAsync(IJob, EnqueueOptions?, CancellationToken)"/>
    /// <param name="jobName">The stable name.</param>
    /// <param name="args">A JSON object.</param>
    Task<JobHandle> EnqueueAsync(string jobName, JsonElement args, EnqueueOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Enqueues many jobs with the same options, in bulk. Atomic per queue partition and 256 jobs, not as a whole.</summary>
    /// <returns>A handle per job, in order.</returns>
    /// <exception cref="BulkEnqueueException">Some were not stored; carries an answer per job.</exception>
    /// <exception cref="OperationCanceledException">The token fired; where some jobs were or may have been stored, the inner exception is a <see cref="BulkEnqueueException"/> with an answer per job.</exception>
    /// <inheritdoc cref="EnqueueAsync(IJob, EnqueueOptions?, CancellationToken)"/>
    /// <param name="jobs">The jobs; may be empty.</param>
    Task<IReadOnlyList<JobHandle>> EnqueueManyAsync(IEnumerable<IJob> jobs, EnqueueOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Enqueues many jobs with results.</summary>
    /// <inheritdoc cref="EnqueueManyAsync(IEnumerable{IJob}, EnqueueOptions?, CancellationToken)"/>
    /// <typeparam name="T">The results' type.</typeparam>
    Task<IReadOnlyList<JobHandle<T>>> EnqueueManyAsync<T>(IEnumerable<IJob<T>> jobs, EnqueueOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Enqueues a flow. A lazy header is read and sent piece by piece, so the first members may run before the last one is sent.</summary>
    /// <typeparam name="T">The flow's result.</typeparam>
    /// <param name="flow">The flow.</param>
    /// <param name="options">What this call sets; null: nothing.</param>
    /// <param name="cancellationToken">Gives up; the flow may have been stored. What is stored of it in part is cancelled after 5 minutes.</param>
    /// <returns>A handle; the flow is durable. A flow of the same <see cref="FlowOptions.Id"/> that was there already is returned as it is.</returns>
    /// <exception cref="InvalidJobException">A step, its args or its options do not fit; the message names the place, such as <c>chain[1].header[3].onError</c>. Nothing was stored, unless a lazy header was under way: the flow is then cancelled, and the message says so.</exception>
    /// <exception cref="UnknownQueueException">A step's queue does not exist.</exception>
    /// <exception cref="PayloadTooLargeException">The args of a step are over the limit (1 MiB by default).</exception>
    /// <exception cref="QueueFullException">The queue of a first job is at its limit; the flow is cancelled.</exception>
    /// <exception cref="StoreUnavailableException">The store did not answer; the message says whether the flow may have been stored, and under which id.</exception>
    Task<FlowHandle<T>> EnqueueAsync<T>(Flow<T> flow, FlowOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Enqueues a flow whose result has no type here.</summary>
    /// <inheritdoc cref="EnqueueAsync{T}(Flow{T}, FlowOptions?, CancellationToken)"/>
    Task<FlowHandle> EnqueueAsync(Flow flow, FlowOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>A handle on a flow by its id; asks nobody.</summary>
    /// <param name="flowId">The flow's id.</param>
    /// <exception cref="InvalidJobException">It is not 1..100 characters of <c>[A-Za-z0-9._-]</c>.</exception>
    FlowHandle GetFlow(string flowId);

    /// <summary>A handle on a flow by its id, with the type of its result.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <inheritdoc cref="GetFlow(string)"/>
    FlowHandle<T> GetFlow<T>(string flowId);

    /// <summary>A page of the flows that are still there, newest first. Each is told as it was last written, without counts; <see cref="FlowHandle.GetInfoAsync"/> has them.</summary>
    /// <param name="after">The <see cref="FlowPage.Next"/> of the page before; null: the first page.</param>
    /// <param name="limit">1..200.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <exception cref="InvalidJobException"><paramref name="after"/> is no cursor, or <paramref name="limit"/> is out of its range.</exception>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    Task<FlowPage> ListFlowsAsync(string? after = null, int limit = 50, CancellationToken cancellationToken = default);

    /// <summary>A handle on a job by its id; asks nobody.</summary>
    /// <param name="jobId">A full id.</param>
    /// <exception cref="InvalidJobException">It is not of the form <c>&lt;queue&gt;~&lt;partition&gt;~&lt;id&gt;</c>.</exception>
    JobHandle GetHandle(string jobId);

    /// <summary>A handle on a job by its id, with the type of its result.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <inheritdoc cref="GetHandle(string)"/>
    JobHandle<T> GetHandle<T>(string jobId);

    /// <summary>The queues: depths, counts and the jobs in them.</summary>
    IQueueInspector Queues { get; }

    /// <summary>The silos that run jobs.</summary>
    IWorkerInspector Workers { get; }

    /// <summary>What is enqueued again and again, or once at an instant.</summary>
    IScheduleClient Schedules { get; }

    /// <summary>Follows what happens to jobs in the whole cluster from now on, in batches of at most 100 ms. Costs nothing when nobody watches.</summary>
    /// <param name="filter">Which events; null: all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>Events in the order of each silo. Best effort: a slow reader or a lost silo misses some; the store has the truth.</returns>
    IAsyncEnumerable<JobEvent> WatchAsync(JobEventFilter? filter = null, CancellationToken cancellationToken = default);
}
