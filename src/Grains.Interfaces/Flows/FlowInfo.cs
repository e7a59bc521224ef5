namespace Krewe;

/// <summary>A flow as it stood when it was asked for.</summary>
[GenerateSerializer, Immutable, Alias("krewe.flow-info")]
public sealed record FlowInfo
{
    /// <summary>The flow's id.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>What its <see cref="FlowOptions.Name"/> called it; null: nothing.</summary>
    [Id(1)]
    public string? Name { get; init; }

    /// <summary><see cref="JobState.Running"/> until it is final; then as its root ended.</summary>
    [Id(2)]
    public required JobState State { get; init; }

    /// <summary>When it was accepted.</summary>
    [Id(3)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it became final; null before.</summary>
    [Id(4)]
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Its jobs by state.</summary>
    [Id(5)]
    public FlowCounts Counts { get; init; } = new();

    /// <summary>The first member that did not succeed; null while all goes well.</summary>
    [Id(6)]
    public FlowError? Error { get; init; }

    /// <summary>Why it was cancelled, where somebody said.</summary>
    [Id(7)]
    public string? Reason { get; init; }

    /// <summary>Whether all of it has arrived: false while a lazy header is still being sent.</summary>
    [Id(8)]
    public bool IsSealed { get; init; }

    /// <summary>1, and one more with each redrive.</summary>
    [Id(9)]
    public int Run { get; init; } = 1;

    /// <summary>Full id of the job whose handler enqueued it.</summary>
    [Id(10)]
    public string? ParentId { get; init; }
}

/// <summary>A page of flows.</summary>
/// <param name="Flows">As they stood when they were last written, newest first; their counts are not in a list and are all 0.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
[GenerateSerializer, Immutable, Alias("krewe.flow-page")]
public sealed record FlowPage([property: Id(0)] IReadOnlyList<FlowInfo> Flows, [property: Id(1)] string? Next);

/// <summary>The jobs of a flow by state; callbacks that were not called for are not counted.</summary>
[GenerateSerializer, Immutable, Alias("krewe.flow-counts")]
public sealed record FlowCounts
{
    /// <summary>All of them.</summary>
    [Id(0)]
    public int Total { get; init; }

    /// <summary>Their turn has not come.</summary>
    [Id(1)]
    public int Waiting { get; init; }

    /// <summary>Enqueued and not final: queued, scheduled, running or retrying.</summary>
    [Id(2)]
    public int Running { get; init; }

    /// <summary>Succeeded.</summary>
    [Id(3)]
    public int Succeeded { get; init; }

    /// <summary>Failed.</summary>
    [Id(4)]
    public int Failed { get; init; }

    /// <summary>Cancelled, and those whose turn will not come any more.</summary>
    [Id(5)]
    public int Cancelled { get; init; }

    /// <summary>Expired.</summary>
    [Id(6)]
    public int Expired { get; init; }

    /// <summary>Those that are final.</summary>
    public int Done => Succeeded + Failed + Cancelled + Expired;
}

/// <summary>A node of a flow as it stood when it was asked for.</summary>
[GenerateSerializer, Immutable, Alias("krewe.flow-node")]
public sealed record FlowNode
{
    /// <summary>Its place in the flow, from 0, the root; parents come before their children.</summary>
    [Id(0)]
    public required int Index { get; init; }

    /// <summary>The index of the node it belongs to; -1: the root.</summary>
    [Id(1)]
    public required int Parent { get; init; }

    /// <summary><c>job</c>, <c>chain</c>, <c>group</c> or <c>chord</c>.</summary>
    [Id(2)]
    public required string Kind { get; init; }

    /// <summary><c>member</c>, <c>onSuccess</c> or <c>onError</c>.</summary>
    [Id(3)]
    public required string Role { get; init; }

    /// <summary>Where it stands. Jobs that are enqueued and not final are <see cref="JobState.Running"/> here; the job itself has the details.</summary>
    [Id(4)]
    public required JobState State { get; init; }

    /// <summary>Of a job: its full id.</summary>
    [Id(5)]
    public string? JobId { get; init; }

    /// <summary>Of a job: its name.</summary>
    [Id(6)]
    public string? JobName { get; init; }
}
