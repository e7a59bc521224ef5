namespace Krewe;

/// <summary>A flow that was enqueued, to wait for, look at, or steer. Cheap; holds no resources.</summary>
public abstract class FlowHandle
{
    /// <summary>For handles of a faked client in the tests of an application.</summary>
    /// <param name="id">The flow's id.</param>
    /// <param name="isExisting">Whether the enqueue met a flow of this id that was there already.</param>
    protected FlowHandle(string id, bool isExisting) => (Id, IsExisting) = (id, isExisting);

    /// <summary>The flow's id.</summary>
    public string Id { get; }

    /// <summary>Whether the enqueue met a flow of this id that was there already, and added none.</summary>
    public bool IsExisting { get; }

    /// <summary>Reads the flow as it stands: state and counts by state.</summary>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <returns>The flow, or null when it is unknown or has been removed.</returns>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    public abstract Task<FlowInfo?> GetInfoAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads the nodes of the flow, each as it stands when its page of up to 1,000 is read.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>By index, parents before their children; empty when the flow is unknown.</returns>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    public abstract IAsyncEnumerable<FlowNode> GetNodesAsync(CancellationToken cancellationToken = default);

    /// <summary>Waits until the flow is final. Woken by the engine; never polls the store. Does not throw for a flow that failed.</summary>
    /// <param name="timeout">How long to wait; null: for ever.</param>
    /// <param name="cancellationToken">Gives up waiting; the flow goes on.</param>
    /// <returns>The final state.</returns>
    /// <exception cref="TimeoutException">The flow was not final in time; it goes on.</exception>
    /// <exception cref="ResultGoneException">The flow is unknown, or was removed.</exception>
    public abstract Task<JobState> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>Waits for the flow's result, the one of its root, and reads it as <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">The type to read the result as; of a group an array or list.</typeparam>
    /// <param name="timeout">How long to wait; null: for ever.</param>
    /// <param name="cancellationToken">Gives up waiting; the flow goes on.</param>
    /// <returns>The result; <c>default</c> where the last step has none.</returns>
    /// <exception cref="JobFailedException">The flow failed; carries the id and the error of the member that failed first.</exception>
    /// <exception cref="JobCancelledException">The flow, or the member that ended it, was cancelled.</exception>
    /// <exception cref="JobExpiredException">The member that ended the flow expired before it could start.</exception>
    /// <exception cref="ResultGoneException">The flow finished, but the result of a member of it was removed; or the flow is unknown.</exception>
    /// <exception cref="ResultTypeException">The result does not fit <typeparamref name="T"/>.</exception>
    /// <exception cref="TimeoutException">The flow was not final in time; it goes on.</exception>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    public abstract Task<T> GetResultAsync<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>Follows the flow's jobs as they end: those that had ended first, then the others as they do.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>A handle per job that ended, in the order in which the ends became known; the stream ends with the flow. Empty when the flow is unknown.</returns>
    public abstract IAsyncEnumerable<JobHandle> EndedMembersAsync(CancellationToken cancellationToken = default);

    /// <summary>Cancels the flow: members that wait never start, running ones get their token. Durable before it returns.</summary>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <returns>True when the flow is or will be cancelled; false when it was final already or is unknown.</returns>
    public abstract Task<bool> CancelAsync(CancellationToken cancellationToken = default);

    /// <summary>Runs what did not succeed again; then the flow goes on. Members that succeeded keep their results.</summary>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <returns>True when the flow goes on; false when it is not final, succeeded, or is unknown.</returns>
    public abstract Task<bool> RedriveAsync(CancellationToken cancellationToken = default);
}

/// <summary>A flow whose result has a type.</summary>
/// <typeparam name="T">The result's type.</typeparam>
public abstract class FlowHandle<T> : FlowHandle
{
    /// <inheritdoc/>
    protected FlowHandle(string id, bool isExisting)
        : base(id, isExisting)
    {
    }

    /// <summary>Waits for the result.</summary>
    /// <inheritdoc cref="FlowHandle.GetResultAsync{T}"/>
    public Task<T> GetResultAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => GetResultAsync<T>(timeout, cancellationToken);
}
