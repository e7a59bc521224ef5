using ProtoBuf;

namespace Krewe.Jobs;

/// <summary>The stored form of a job. Immutable: every transition makes a new one with <c>with</c>.</summary>
/// <remarks>
/// Protocol Buffers with these field numbers, which are never reused; members that this version does not know are kept (<see cref="IExtensible"/>) and
/// written back. Queue and partition are not stored: the record lies in them.
/// </remarks>
[ProtoContract]
internal sealed record JobRecord : IExtensible
{
    internal const int MaxErrors = 10;
    internal const int MaxChildIds = 100;
    internal const int MaxLosses = 10;

    private IExtension? _unknownMembers;

    /// <summary>The last part of the full id.</summary>
    [ProtoMember(1)]
    public required string Id { get; init; }

    [ProtoMember(2)]
    public required string Name { get; init; }

    /// <summary>A JSON object, UTF-8.</summary>
    [ProtoMember(3)]
    public byte[] Args { get; init; } = [];

    /// <summary>The state as of the last write; while the job lies in <see cref="Storage.JobPlace.Running"/> it is Running whatever this says, because a claim does not rewrite the record.</summary>
    [ProtoMember(4)]
    public JobState State { get; init; }

    /// <summary>0..9, 9 first; also the job's lane.</summary>
    [ProtoMember(5)]
    public int Priority { get; init; }

    /// <summary>Its place in the order of its partition; given by the owner, grows.</summary>
    [ProtoMember(6)]
    public long Position { get; init; }

    [ProtoMember(7)]
    public ulong Fingerprint { get; init; }

    [ProtoMember(8)]
    public DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>The instant it waits for while Scheduled or Retrying.</summary>
    [ProtoMember(9)]
    public DateTimeOffset? DueAt { get; init; }

    [ProtoMember(10)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the last attempt started, as its worker told with the outcome.</summary>
    [ProtoMember(11)]
    public DateTimeOffset? StartedAt { get; init; }

    [ProtoMember(12)]
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Attempts that started and ended in failure, timeout or retry; the running one is this plus 1.</summary>
    [ProtoMember(13)]
    public int FailedAttempts { get; init; }

    /// <summary>Claims so far; part of the next token.</summary>
    [ProtoMember(14)]
    public int Deliveries { get; init; }

    /// <summary>Silos that died under its handler since the enqueue or the last redrive.</summary>
    [ProtoMember(15)]
    public int LostDeliveries { get; init; }

    /// <summary>The token of the claim that wrote this record last; the same outcome told twice is recognized by it.</summary>
    [ProtoMember(16)]
    public string? Token { get; init; }

    /// <summary>JSON, UTF-8; null: none.</summary>
    [ProtoMember(17)]
    public byte[]? Result { get; init; }

    /// <summary>Oldest first, at most <see cref="MaxErrors"/>.</summary>
    [ProtoMember(18)]
    public IReadOnlyList<JobError>? Errors { get; init; }

    [ProtoMember(19)]
    public JobProgress? Progress { get; init; }

    [ProtoMember(20)]
    public bool IsCancelRequested { get; init; }

    /// <summary>Why it waits, was cancelled, expired or given up.</summary>
    [ProtoMember(21)]
    public string? Reason { get; init; }

    [ProtoMember(22)]
    public JobSettings? Settings { get; init; }

    /// <summary>Whether <see cref="Settings"/> holds every level of precedence.</summary>
    [ProtoMember(23)]
    public bool IsMerged { get; init; }

    [ProtoMember(24)]
    public Dictionary<string, string>? Headers { get; init; }

    [ProtoMember(25)]
    public string? TraceParent { get; init; }

    [ProtoMember(26)]
    public string? TraceState { get; init; }

    [ProtoMember(27)]
    public string? ParentId { get; init; }

    [ProtoMember(28)]
    public IReadOnlyList<string>? ChildIds { get; init; }

    [ProtoMember(29)]
    public string? UniqueKey { get; init; }

    /// <summary>Until when the unique key is held at least.</summary>
    [ProtoMember(30)]
    public DateTimeOffset? UniqueUntil { get; init; }

    [ProtoMember(31)]
    public bool HasCallerId { get; init; }

    /// <summary>The silo that ran the last attempt.</summary>
    [ProtoMember(32)]
    public string? Worker { get; init; }

    /// <summary>Whether only id, state and fingerprint are left.</summary>
    [ProtoMember(33)]
    public bool IsTombstone { get; init; }

    /// <summary>The silos whose deaths were counted, latest last, at most <see cref="MaxLosses"/>; a loss whose culprit is found counts no longer.</summary>
    [ProtoMember(34)]
    public IReadOnlyList<string>? LostWith { get; init; }

    /// <summary>With a tombstone: whether there is no result because nobody wanted one, rather than because it was removed.</summary>
    [ProtoMember(35)]
    public bool IsResultIgnored { get; init; }

    /// <summary>The token of a claim whose silo said that it leaves while the handler still runs; its loss is not charged.</summary>
    [ProtoMember(36)]
    public string? DrainedToken { get; init; }

    /// <summary>The flow that it belongs to; null: none. Its record then stays until the flow lets it go.</summary>
    [ProtoMember(37)]
    public string? FlowId { get; init; }

    /// <summary>Its index in the flow.</summary>
    [ProtoMember(38)]
    public int Member { get; init; }

    /// <summary>Of a flow's member: the flow's run that it was started in last. Else: how often it was redriven.</summary>
    [ProtoMember(39)]
    public int Run { get; init; }

    /// <summary>Whether the flow has an input for it.</summary>
    [ProtoMember(40)]
    public bool HasInput { get; init; }

    /// <summary>The flow that has taken its place: it ends when that ends, and so.</summary>
    [ProtoMember(41)]
    public string? ReplacedBy { get; init; }

    /// <summary>Of a flow's member: how often it was redriven by itself.</summary>
    [ProtoMember(42)]
    public int Redrives { get; init; }

    /// <summary>Whether it was redriven by itself since it was enqueued.</summary>
    internal bool IsRedriven => Redrives > 0 || (FlowId is null && Run > 0);

    internal JobSettings EffectiveSettings => Settings ?? JobSettings.Unset;

    IExtension IExtensible.GetExtensionObject(bool createIfMissing) => Extensible.GetExtensionObject(ref _unknownMembers, createIfMissing);
}
