using Krewe.Flows;

namespace Krewe;

/// <summary>Gives a job options or callbacks of its own inside a flow.</summary>
public static class FlowSteps
{
    /// <summary>The job as a step with options.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">
    /// What holds for this step alone. <see cref="EnqueueOptions.Delay"/> and <see cref="EnqueueOptions.ExpiresIn"/> count from the step's turn; headers are put on top of the
    /// flow's; an <see cref="EnqueueOptions.Id"/> must be the only one of its kind in the flow; a <see cref="EnqueueOptions.UniqueKey"/> is refused, as ids are fixed in a flow.
    /// </param>
    public static Step With(this IJob job, EnqueueOptions options) => new(StepParts.Of(job).With(options));

    /// <inheritdoc cref="With(IJob, EnqueueOptions)"/>
    /// <typeparam name="T">The job's result.</typeparam>
    public static Step<T> With<T>(this IJob<T> job, EnqueueOptions options) => new(StepParts.Of(job).With(options));

    /// <summary>The job as a step with a callback for its success.</summary>
    /// <param name="job">The job.</param>
    /// <param name="callback">A job or a flow that runs once when the job has succeeded, with its result as the input. The flow does not wait for it.</param>
    public static Step OnSuccess(this IJob job, IFlowStep callback) => new(StepParts.Of(job).OnSuccess(callback));

    /// <inheritdoc cref="OnSuccess(IJob, IFlowStep)"/>
    /// <typeparam name="T">The job's result.</typeparam>
    public static Step<T> OnSuccess<T>(this IJob<T> job, IFlowStep callback) => new(StepParts.Of(job).OnSuccess(callback));

    /// <summary>The job as a step with a callback for its failure.</summary>
    /// <param name="job">The job.</param>
    /// <param name="callback">A job or a flow that runs once when the job has failed for good, was cancelled or expired, with a <see cref="FlowError"/> as the input. The flow does not wait for it.</param>
    public static Step OnError(this IJob job, IFlowStep callback) => new(StepParts.Of(job).OnError(callback));

    /// <inheritdoc cref="OnError(IJob, IFlowStep)"/>
    /// <typeparam name="T">The job's result.</typeparam>
    public static Step<T> OnError<T>(this IJob<T> job, IFlowStep callback) => new(StepParts.Of(job).OnError(callback));
}
