namespace Krewe;

/// <summary>A job that was enqueued, to wait for, look at, or steer. Cheap; holds no resources.</summary>
public abstract class JobHandle
{
    /// <summary>For handles of a faked client in the tests of an application.</summary>
    /// <param name="id">The job's full id.</param>
    /// <param name="isExisting">Whether the enqueue met a job that was there already.</param>
    protected JobHandle(string id, bool isExisting) => (Id, IsExisting) = (id, isExisting);

    /// <summary>The job's full id, <c>&lt;queue&gt;~&lt;partition&gt;~&lt;id&gt;</c>.</summary>
    public string Id { get; }

    /// <summary>Whether the enqueue met a job that was there already (same id, or holder of the unique key) and added none.</summary>
    public bool IsExisting { get; }

    /// <summary>Reads the job as it stands.</summary>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <returns>The job, or null when it is unknown or its record has been removed.</returns>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    public abstract Task<JobInfo?> GetInfoAsync(CancellationToken cancellationToken = default);

    /// <summary>Waits until the job is final. Woken by the engine; never polls the store. Does not throw for a job that failed.</summary>
    /// <param name="timeout">How long to wait; null: for ever.</param>
    /// <param name="cancellationToken">Gives up waiting; the job goes on.</param>
    /// <returns>The final state.</returns>
    /// <exception cref="TimeoutException">The job was not final in time; it goes on.</exception>
    /// <exception cref="ResultGoneException">The job is unknown, or was removed.</exception>
    public abstract Task<JobState> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>Waits for the result and reads it as <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">The type to read the result as.</typeparam>
    /// <param name="timeout">How long to wait; null: for ever.</param>
    /// <param name="cancellationToken">Gives up waiting; the job goes on.</param>
    /// <returns>The result; <c>default</c> for a handler without one or a job with <c>IgnoreResult</c>.</returns>
    /// <exception cref="JobFailedException">The job failed; carries type name, message and stack of the original.</exception>
    /// <exception cref="JobCancelledException">The job was cancelled.</exception>
    /// <exception cref="JobExpiredException">The job expired before it could start.</exception>
    /// <exception cref="ResultGoneException">The job finished, but its result was removed; or the job is unknown.</exception>
    /// <exception cref="ResultTypeException">The stored result does not fit <typeparamref name="T"/>.</exception>
    /// <exception cref="TimeoutException">The job was not final in time; it goes on.</exception>
    public abstract Task<T> GetResultAsync<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>Cancels the job: at once while it waits; while it runs, by firing its handler's token. Durable before it returns.</summary>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <returns>True when the job is or will be cancelled; false when it was final already or is unknown.</returns>
    public abstract Task<bool> CancelAsync(CancellationToken cancellationToken = default);

    /// <summary>Sends a final job round again: attempts, lost deliveries and errors' count start anew, at the tail of its lane.</summary>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <returns>True when it is queued again, by this call or an earlier one; false when it never was final, succeeded, or is unknown.</returns>
    /// <exception cref="UniqueKeyHeldException">Another job holds its unique key by now.</exception>
    public abstract Task<bool> RedriveAsync(CancellationToken cancellationToken = default);

    /// <summary>Removes a final job's result and record; a tombstone stays for a while, so that the id still deduplicates.</summary>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <returns>True when it is removed, by this call or an earlier one; false when it is not final or is unknown.</returns>
    public abstract Task<bool> ForgetAsync(CancellationToken cancellationToken = default);
}

/// <summary>A job whose result has a type.</summary>
/// <typeparam name="T">The result's type.</typeparam>
public abstract class JobHandle<T> : JobHandle
{
    /// <inheritdoc/>
    protected JobHandle(string id, bool isExisting)
        : base(id, isExisting)
    {
    }

    /// <summary>Waits for the result.</summary>
    /// <inheritdoc cref="JobHandle.GetResultAsync{T}"/>
    public Task<T> GetResultAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => GetResultAsync<T>(timeout, cancellationToken);
}
