using Krewe.Jobs;
using ProtoBuf;

namespace Krewe.Flows;

/// <summary>One entry of a flow's log; what is set happened, in the order of the members. Protocol Buffers with these field numbers, which are never reused.</summary>
[ProtoContract]
internal sealed class FlowEntry
{
    /// <summary>The first entry of a flow.</summary>
    [ProtoMember(1)]
    public FlowOpened? Opened { get; init; }

    [ProtoMember(2)]
    public FlowNodes? Nodes { get; init; }

    [ProtoMember(3)]
    public bool IsSealed { get; init; }

    /// <summary>Jobs that ended, in order: per job the distance to the one before (zigzag) times 4, plus the state's distance to Succeeded; as variable-length numbers.</summary>
    [ProtoMember(4)]
    public byte[]? Ends { get; init; }

    /// <summary>Somebody cancelled it.</summary>
    [ProtoMember(5)]
    public bool IsCancelled { get; init; }

    [ProtoMember(6)]
    public string? CancelReason { get; init; }

    [ProtoMember(7)]
    public bool IsRedriven { get; init; }

    /// <summary>It became final, in this state of the plan.</summary>
    [ProtoMember(8)]
    public FlowSettled? Settled { get; init; }

    /// <summary>Nothing is left to do for it.</summary>
    [ProtoMember(9)]
    public bool IsClosed { get; init; }
}

/// <summary>What a flow is, beside its nodes.</summary>
[ProtoContract]
internal sealed class FlowOpened
{
    [ProtoMember(1)]
    public DateTimeOffset CreatedAt { get; init; }

    [ProtoMember(2)]
    public bool CancelsOnFailure { get; init; }

    [ProtoMember(3)]
    public string? ParentId { get; init; }

    [ProtoMember(4)]
    public string? ReplacesId { get; init; }

    [ProtoMember(5)]
    public string? Name { get; init; }

    /// <inheritdoc cref="NewFlow.IsOwed"/>
    [ProtoMember(6)]
    public bool IsOwed { get; init; }
}

/// <summary>Nodes that came together. Per node one element of each list, but for the jobs' own lists.</summary>
[ProtoContract]
internal sealed class FlowNodes
{
    /// <summary>The index of the first of them.</summary>
    [ProtoMember(1)]
    public int First { get; init; }

    /// <summary>Kind, plus 8 times the role.</summary>
    [ProtoMember(2, IsPacked = true)]
    public List<int> Kinds { get; init; } = [];

    /// <summary>How far before the node its parent stands; 0: it is the root.</summary>
    [ProtoMember(3, IsPacked = true)]
    public List<int> Parents { get; init; } = [];

    /// <summary>Texts that the plan did not have before: names and queues.</summary>
    [ProtoMember(4)]
    public List<string> Texts { get; init; } = [];

    /// <summary>Per job: its name, queue and partition, as numbers.</summary>
    [ProtoMember(5, IsPacked = true)]
    public List<int> Jobs { get; init; } = [];

    /// <summary>Jobs whose turn had not come, and jobs with ids of their own.</summary>
    [ProtoMember(6)]
    public List<FlowJob> Waiting { get; init; } = [];

    /// <summary>Tells an addition to a group from others of the same member; null: these came with the flow.</summary>
    [ProtoMember(7)]
    public string? Key { get; init; }

    /// <summary>The longest time to live of the jobs' results; null: 24 hours.</summary>
    [ProtoMember(8)]
    public TimeSpan? ResultTtl { get; set; }
}

/// <summary>A job of a flow that is kept in its plan.</summary>
[ProtoContract]
internal sealed class FlowJob
{
    [ProtoMember(1)]
    public int Index { get; init; }

    /// <summary>Its own id; null: made of the flow's id and the index.</summary>
    [ProtoMember(2)]
    public string? OwnId { get; init; }

    /// <summary>Null: it was enqueued with these nodes.</summary>
    [ProtoMember(3)]
    public WaitingJob? Job { get; init; }
}

/// <summary>The stored form of a <see cref="NewJob"/> whose turn has not come; id, name and flow are the plan's.</summary>
[ProtoContract]
internal sealed class WaitingJob
{
    [ProtoMember(1)]
    public byte[] Args { get; init; } = [];

    [ProtoMember(2)]
    public ulong Fingerprint { get; init; }

    [ProtoMember(3)]
    public int Priority { get; init; }

    [ProtoMember(4)]
    public JobSettings? Settings { get; init; }

    [ProtoMember(5)]
    public bool IsMerged { get; init; }

    [ProtoMember(6)]
    public TimeSpan? Delay { get; init; }

    [ProtoMember(7)]
    public DateTimeOffset? NotBefore { get; init; }

    [ProtoMember(8)]
    public DateTimeOffset? ExpiresAt { get; init; }

    [ProtoMember(9)]
    public TimeSpan? ExpiresIn { get; init; }

    [ProtoMember(10)]
    public Dictionary<string, string>? Headers { get; init; }

    [ProtoMember(11)]
    public string? TraceParent { get; init; }

    [ProtoMember(12)]
    public string? TraceState { get; init; }

    [ProtoMember(13)]
    public string? ParentId { get; init; }

    internal static WaitingJob Of(NewJob job) => new()
    {
        Args = job.Args,
        Fingerprint = job.Fingerprint,
        Priority = job.Priority,
        Settings = job.Settings,
        IsMerged = job.IsMerged,
        Delay = job.Delay,
        NotBefore = job.NotBefore,
        ExpiresAt = job.ExpiresAt,
        ExpiresIn = job.ExpiresIn,
        Headers = job.Headers is null ? null : new(job.Headers),
        TraceParent = job.TraceParent,
        TraceState = job.TraceState,
        ParentId = job.ParentId,
    };

    internal NewJob Make(string id, string name, string flowId, int member) => new()
    {
        Id = id,
        Name = name,
        Args = Args,
        Fingerprint = Fingerprint,
        Priority = Priority,
        Settings = Settings,
        IsMerged = IsMerged,
        Delay = Delay,
        NotBefore = NotBefore,
        ExpiresAt = ExpiresAt,
        ExpiresIn = ExpiresIn,
        Headers = Headers,
        TraceParent = TraceParent,
        TraceState = TraceState,
        ParentId = ParentId,
        FlowId = flowId,
        Member = member,
    };
}

/// <summary>How a flow ended.</summary>
[ProtoContract]
internal sealed class FlowSettled
{
    [ProtoMember(1)]
    public DateTimeOffset At { get; init; }

    /// <summary>The first member that did not succeed.</summary>
    [ProtoMember(2)]
    public StoredFlowError? Error { get; init; }
}

/// <inheritdoc cref="FlowError"/>
[ProtoContract]
internal sealed class StoredFlowError
{
    [ProtoMember(1)]
    public string JobId { get; init; } = "";

    [ProtoMember(2)]
    public string JobName { get; init; } = "";

    [ProtoMember(3)]
    public string ErrorType { get; init; } = "";

    [ProtoMember(4)]
    public string Message { get; init; } = "";

    [ProtoMember(5)]
    public int Attempt { get; init; }

    internal static StoredFlowError? Of(FlowError? error) => error is null ? null : new()
    {
        JobId = error.JobId,
        JobName = error.JobName,
        ErrorType = error.ErrorType,
        Message = error.Message,
        Attempt = error.Attempt,
    };

    internal FlowError Make() => new(JobId, JobName, ErrorType, Message, Attempt);
}
