namespace Krewe;

/// <summary>The code that does a job without a result.</summary>
/// <remarks>Built by constructor injection in a scope of its own for each attempt; matched by the job's exact type. At least once: be idempotent, with <see cref="JobContext.IdempotencyKey"/> where it helps.</remarks>
/// <typeparam name="TJob">The job's type.</typeparam>
public interface IJobHandler<in TJob>
    where TJob : IJob
{
    /// <summary>Does the job. Returning means that it succeeded; throwing, that the attempt failed.</summary>
    /// <param name="job">The args.</param>
    /// <param name="context">The attempt: ids, limits, progress, and the outcomes to throw.</param>
    /// <param name="cancellationToken">Fires at the soft limit, on cancel and at the end of a drain; <see cref="JobContext.CancellationReason"/> says which.</param>
    Task HandleAsync(TJob job, JobContext context, CancellationToken cancellationToken);
}

/// <summary>The code that does a job with a result.</summary>
/// <inheritdoc cref="IJobHandler{TJob}"/>
/// <typeparam name="TJob">The job's type.</typeparam>
/// <typeparam name="TResult">The result, serialized as JSON.</typeparam>
public interface IJobHandler<in TJob, TResult>
    where TJob : IJob<TResult>
{
    /// <summary>Does the job and returns its result.</summary>
    /// <inheritdoc cref="IJobHandler{TJob}.HandleAsync"/>
    Task<TResult> HandleAsync(TJob job, JobContext context, CancellationToken cancellationToken);
}
