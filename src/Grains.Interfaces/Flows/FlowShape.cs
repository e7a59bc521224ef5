namespace Krewe.Flows;

/// <summary>What a flow is made of.</summary>
internal abstract record FlowShape;

/// <summary>Steps, one after the other.</summary>
/// <param name="Last">The last of them, with the way back to the first.</param>
internal sealed record ChainShape(ChainLink Last) : FlowShape;

/// <summary>Members side by side.</summary>
/// <param name="Members">Read once per enqueue, while it is sent.</param>
internal sealed record GroupShape(FlowMembers Members) : FlowShape;

/// <summary>A group and what runs on its results.</summary>
/// <param name="Header">The group.</param>
/// <param name="Body">Gets the group's results in order.</param>
internal sealed record ChordShape(Flow Header, IFlowStep Body) : FlowShape;

/// <summary>A step of a chain and those before it, so that chains share their beginnings and <c>Then</c> copies nothing.</summary>
internal sealed class ChainLink(ChainLink? previous, IFlowStep step)
{
    private readonly int _count = (previous?._count ?? 0) + 1;

    /// <summary>The steps in their order, at least one.</summary>
    internal IFlowStep[] ToSteps()
    {
        var steps = new IFlowStep[_count];
        for (ChainLink? link = this; link is not null; link = link.Previous)
        {
            steps[link._count - 1] = link.Step;
        }

        return steps;
    }

    private ChainLink? Previous => previous;

    private IFlowStep Step => step;
}

/// <summary>The members of a group, which may be lazy.</summary>
internal sealed class FlowMembers
{
    internal FlowMembers(IEnumerable<IFlowStep> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        Now = members;
    }

    internal FlowMembers(IAsyncEnumerable<IFlowStep> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        Later = members;
    }

    /// <summary>The members; null: they are <see cref="Later"/>.</summary>
    internal IEnumerable<IFlowStep>? Now { get; }

    /// <summary>The members of a header that comes asynchronously.</summary>
    internal IAsyncEnumerable<IFlowStep>? Later { get; }

    /// <summary>How many there are, where they are all there; null: they are made while they are read, and may be read once only.</summary>
    internal int? Count => (Now as IReadOnlyCollection<IFlowStep>)?.Count;
}

/// <summary>What runs when a node has ended, in the order in which it was attached. Immutable.</summary>
internal sealed class FlowCallbacks
{
    internal static readonly FlowCallbacks None = new([], []);

    private FlowCallbacks(IReadOnlyList<IFlowStep> onSuccess, IReadOnlyList<IFlowStep> onError) => (OnSuccess, OnError) = (onSuccess, onError);

    internal IReadOnlyList<IFlowStep> OnSuccess { get; }

    internal IReadOnlyList<IFlowStep> OnError { get; }

    internal FlowCallbacks AddOnSuccess(IFlowStep callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return new([.. OnSuccess, callback], OnError);
    }

    internal FlowCallbacks AddOnError(IFlowStep callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return new(OnSuccess, [.. OnError, callback]);
    }
}
