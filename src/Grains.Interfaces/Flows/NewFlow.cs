using Krewe.Jobs;

namespace Krewe.Flows;

/// <summary>A flow on its way from a client to its grain, without its nodes.</summary>
[GenerateSerializer, Immutable, Alias("krewe.new-flow")]
internal sealed record NewFlow
{
    /// <summary>Whether a failure inside a group cancels the group's other members.</summary>
    [Id(0)]
    public bool CancelsOnFailure { get; init; }

    /// <summary>Full id of the job whose handler enqueued it.</summary>
    [Id(1)]
    public string? ParentId { get; init; }

    /// <summary>Full id of the job whose place it takes: when the flow ends, that job ends so.</summary>
    [Id(2)]
    public string? ReplacesId { get; init; }

    /// <summary>What people call it; null: nothing.</summary>
    [Id(3)]
    public string? Name { get; init; }

    /// <summary>Whether its jobs are taken by queues that are full, as work that follows from what was acknowledged.</summary>
    [Id(4)]
    public bool IsOwed { get; init; }
}

/// <summary>A node of a flow on its way from a client to its grain. Parents come before their children, children in their order; the node's index is its place in that stream.</summary>
[GenerateSerializer, Immutable, Alias("krewe.new-flow-node")]
internal sealed record NewFlowNode
{
    [Id(0)]
    public FlowNodeKind Kind { get; init; }

    /// <summary>The index of the node it belongs to; -1: it is the flow's root.</summary>
    [Id(1)]
    public int Parent { get; init; } = -1;

    [Id(2)]
    public FlowNodeRole Role { get; init; }

    /// <summary>Of a job: its queue.</summary>
    [Id(3)]
    public string? Queue { get; init; }

    /// <summary>Of a job: the partition that its id leads to.</summary>
    [Id(4)]
    public int Partition { get; init; }

    /// <summary>Of a job: what will be enqueued when its turn comes. Delays and expiries count from then.</summary>
    [Id(5)]
    public NewJob? Job { get; init; }
}

/// <summary>What a node of a flow is.</summary>
internal enum FlowNodeKind
{
    /// <summary>A single job.</summary>
    Job = 0,

    /// <summary>Steps, one after the other; its result is the last step's.</summary>
    Chain = 1,

    /// <summary>Members side by side; its result is the array of theirs, in order.</summary>
    Group = 2,

    /// <summary>A chain of a group and a body, written as a chord.</summary>
    Chord = 3,
}

/// <summary>What a node is to its parent.</summary>
internal enum FlowNodeRole
{
    /// <summary>A step of the chain or a member of the group; or the root.</summary>
    Member = 0,

    /// <summary>Runs once when the parent has succeeded, with its result as the input. The flow does not wait for it.</summary>
    OnSuccess = 1,

    /// <summary>Runs once when the parent has failed, was cancelled or expired, with a <see cref="FlowError"/> as the input. The flow does not wait for it.</summary>
    OnError = 2,
}
