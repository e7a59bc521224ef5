using Krewe.Flows;

namespace Krewe;

/// <summary>A job as a step of a flow, with options or callbacks of its own. Made by <see cref="FlowSteps"/>. Immutable.</summary>
public sealed class Step : IFlowStep, IJobStep
{
    private readonly StepParts _parts;

    internal Step(StepParts parts) => _parts = parts;

    StepParts IJobStep.Parts => _parts;

    /// <summary>The step with these options in place of those it had.</summary>
    /// <param name="options">What holds for this step alone; see <see cref="FlowSteps.With(IJob, EnqueueOptions)"/>.</param>
    public Step With(EnqueueOptions options) => new(_parts.With(options));

    /// <summary>Attaches a step that runs once when this one has succeeded, with its result as the input. The flow does not wait for it. May be called again for one more.</summary>
    /// <param name="callback">A job or a flow.</param>
    public Step OnSuccess(IFlowStep callback) => new(_parts.OnSuccess(callback));

    /// <summary>Attaches a step that runs once when this one has failed for good, was cancelled or expired, with a <see cref="FlowError"/> as the input. The flow does not wait for it. May be called again for one more.</summary>
    /// <param name="callback">A job or a flow.</param>
    public Step OnError(IFlowStep callback) => new(_parts.OnError(callback));
}

/// <summary>A job with a result as a step of a flow, with options or callbacks of its own. Made by <see cref="FlowSteps"/>. Immutable.</summary>
/// <typeparam name="T">The job's result.</typeparam>
public sealed class Step<T> : IFlowStep<T>, IJobStep
{
    private readonly StepParts _parts;

    internal Step(StepParts parts) => _parts = parts;

    StepParts IJobStep.Parts => _parts;

    /// <inheritdoc cref="Step.With"/>
    public Step<T> With(EnqueueOptions options) => new(_parts.With(options));

    /// <inheritdoc cref="Step.OnSuccess"/>
    public Step<T> OnSuccess(IFlowStep callback) => new(_parts.OnSuccess(callback));

    /// <inheritdoc cref="Step.OnError"/>
    public Step<T> OnError(IFlowStep callback) => new(_parts.OnError(callback));
}
