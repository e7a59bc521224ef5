using ProtoBuf;

namespace Krewe.Flows;

/// <summary>A flow in short, kept in its head for lists. As of the last write: a running flow's counts are not in it.</summary>
[ProtoContract]
internal sealed class FlowSummary
{
    [ProtoMember(1)]
    public string? Name { get; init; }

    [ProtoMember(2)]
    public JobState State { get; init; }

    [ProtoMember(3)]
    public DateTimeOffset? FinishedAt { get; init; }

    [ProtoMember(4)]
    public StoredFlowError? Error { get; init; }

    [ProtoMember(5)]
    public string? Reason { get; init; }

    [ProtoMember(6)]
    public bool IsSealed { get; init; }

    [ProtoMember(7)]
    public int Run { get; init; }

    [ProtoMember(8)]
    public string? ParentId { get; init; }
}
