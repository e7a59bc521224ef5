using System.Text.Json;

namespace Krewe.Flows;

/// <summary>A step that is a single job, with what was attached to it.</summary>
internal interface IJobStep
{
    StepParts Parts { get; }
}

/// <summary>A single job of a flow. Immutable.</summary>
/// <param name="Job">The job; null: it is named.</param>
/// <param name="Options">What the step sets; null: nothing.</param>
/// <param name="Callbacks">What runs when it has ended.</param>
internal sealed record StepParts(IJob? Job, EnqueueOptions? Options, FlowCallbacks Callbacks)
{
    /// <summary>Without a <see cref="Job"/>: the job's name.</summary>
    internal string? Name { get; init; }

    /// <summary>Without a <see cref="Job"/>: a JSON object.</summary>
    internal JsonElement Args { get; init; }

    internal static StepParts Of(IJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new(job, null, FlowCallbacks.None);
    }

    internal StepParts With(EnqueueOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return this with { Options = options };
    }

    internal StepParts OnSuccess(IFlowStep callback) => this with { Callbacks = Callbacks.AddOnSuccess(callback) };

    internal StepParts OnError(IFlowStep callback) => this with { Callbacks = Callbacks.AddOnError(callback) };
}

/// <summary>A job by its name as a step of a flow, for callers that have no type for it. Immutable.</summary>
internal sealed class NamedStep : IFlowStep, IJobStep
{
    private readonly StepParts _parts;

    internal NamedStep(string jobName, JsonElement args, EnqueueOptions? options = null)
        : this(new StepParts(null, options, FlowCallbacks.None) { Name = jobName, Args = args }) => ArgumentNullException.ThrowIfNull(jobName);

    private NamedStep(StepParts parts) => _parts = parts;

    StepParts IJobStep.Parts => _parts;

    internal NamedStep OnSuccess(IFlowStep callback) => new(_parts.OnSuccess(callback));

    internal NamedStep OnError(IFlowStep callback) => new(_parts.OnError(callback));
}
