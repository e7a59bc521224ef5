using Krewe.Flows;

namespace Krewe;

/// <summary>Jobs that belong together: a <see cref="Chain{T}"/>, a <see cref="Group{T}"/> or a <see cref="Chord{T}"/>. Itself a step, so flows nest in every pairing.</summary>
/// <remarks>
/// Immutable and thread-safe: each call of a builder gives a new flow and leaves the old one as it was. Nothing happens before it is enqueued with
/// <see cref="IJobClient.EnqueueAsync{T}(Flow{T}, FlowOptions?, CancellationToken)"/>; what cannot work is refused then, with the place in the flow,
/// such as <c>chain[1].header[3].onError</c>. The same flow may be enqueued any number of times. At most 1,000,000 jobs, flows in flows at most 64 levels deep.
/// </remarks>
public abstract class Flow : IFlowStep
{
    private protected Flow(FlowCallbacks callbacks) => Callbacks = callbacks;

    /// <summary>What runs when this node has ended.</summary>
    internal FlowCallbacks Callbacks { get; }

    /// <summary>What it is made of.</summary>
    internal abstract FlowShape Shape { get; }

    /// <summary>What its result is read as; <see cref="object"/> where nobody declared it.</summary>
    internal abstract Type ResultType { get; }
}

/// <summary>A flow whose result has a type.</summary>
/// <typeparam name="T">The result's type: a chain's is its last step's, a group's the array of its members', a chord's its body's.</typeparam>
public abstract class Flow<T> : Flow, IFlowStep<T>
{
    private protected Flow(FlowCallbacks callbacks)
        : base(callbacks)
    {
    }

    internal override Type ResultType => typeof(T);
}
