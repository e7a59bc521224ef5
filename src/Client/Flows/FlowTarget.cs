namespace Krewe.Flows;

/// <summary>What a flow is compiled for.</summary>
/// <param name="FlowId">The flow's id, from which its jobs get theirs.</param>
internal sealed record FlowTarget(string FlowId)
{
    /// <summary>Headers of every job; never written to. Null: none.</summary>
    internal IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Full id of the job whose handler enqueues the flow.</summary>
    internal string? ParentId { get; init; }

    /// <summary>What the root gets as its input: <see cref="FlowTypes.Nothing"/>, <see cref="FlowTypes.Unknown"/> or a type.</summary>
    internal Type RootInput { get; init; } = FlowTypes.Nothing;

    /// <summary>Whether a store that is away is waited for: a handler is told of nothing, and a lazy header can be read once only.</summary>
    internal bool IsPatient { get; init; }
}

/// <summary>A step on its way to become a node.</summary>
/// <param name="Step">The step; null: somebody put a null there.</param>
/// <param name="Role">What it is to its parent.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Input">The type of its input; see <see cref="FlowTarget.RootInput"/>.</param>
/// <param name="Level">How deep it stands as written, 1 for the root; the group of a chord stands where the chord does.</param>
internal readonly record struct FlowChild(IFlowStep? Step, FlowNodeRole Role, FlowPlace Place, Type Input, int Level);
