namespace Krewe.Jobs;

/// <summary>A job on its way from a client to the owner of its partition: validated, serialized, under an id that retries repeat.</summary>
[GenerateSerializer, Immutable, Alias("krewe.new-job")]
internal sealed record NewJob
{
    /// <summary>The last part of the job's id.</summary>
    [Id(0)]
    public required string Id { get; init; }

    [Id(1)]
    public required string Name { get; init; }

    /// <summary>A JSON object, UTF-8. Never written to after construction.</summary>
    [Id(2)]
    public required byte[] Args { get; init; }

    /// <summary>XxHash64 of name and args; equal for the same job, so that a repeated id can be told from a conflicting one.</summary>
    [Id(3)]
    public required ulong Fingerprint { get; init; }

    [Id(4)]
    public int Priority { get; init; }

    /// <summary>Null: nothing was set.</summary>
    [Id(5)]
    public JobSettings? Settings { get; init; }

    /// <summary>Whether <see cref="Settings"/> holds every level of precedence; false: the first worker that knows the record adds the weaker ones.</summary>
    [Id(6)]
    public bool IsMerged { get; init; }

    [Id(7)]
    public TimeSpan? Delay { get; init; }

    [Id(8)]
    public DateTimeOffset? NotBefore { get; init; }

    [Id(9)]
    public DateTimeOffset? ExpiresAt { get; init; }

    [Id(10)]
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>Whether the id is the caller's own: its tombstone is then kept for an hour rather than two minutes.</summary>
    [Id(11)]
    public bool HasCallerId { get; init; }

    [Id(12)]
    public string? UniqueKey { get; init; }

    [Id(13)]
    public TimeSpan? UniqueFor { get; init; }

    [Id(14)]
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>W3C trace context of the enqueue.</summary>
    [Id(15)]
    public string? TraceParent { get; init; }

    [Id(16)]
    public string? TraceState { get; init; }

    /// <summary>Full id of the job whose handler enqueued this one.</summary>
    [Id(17)]
    public string? ParentId { get; init; }

    /// <summary>The flow that it is a member of; null: none.</summary>
    [Id(18)]
    public string? FlowId { get; init; }

    /// <summary>Of a member: the index of its node in the flow.</summary>
    [Id(19)]
    public int Member { get; init; }

    /// <summary>Of a member: the run of the flow that it is started in, from 1; its end counts in that run only. 0: it is no member.</summary>
    [Id(20)]
    public int Run { get; init; }

    /// <summary>Of a member: whether a step before it, or what called for it, hands it an input. Set by the flow when its turn comes.</summary>
    [Id(21)]
    public bool HasInput { get; init; }
}

/// <summary>What became of a <see cref="NewJob"/>.</summary>
internal enum AddResult
{
    /// <summary>It is durable.</summary>
    Added = 0,

    /// <summary>The same job was there already, or holds the unique key; nothing was added.</summary>
    Existing = 1,

    /// <summary>The id belongs to another job.</summary>
    Conflict = 2,

    /// <summary>The queue is at its limit, or the store refuses new work because it is full.</summary>
    QueueFull = 3,
}

/// <summary>The answer to one element of an add.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="ExistingId">With <see cref="AddResult.Existing"/>: the last part of the id of the job that is there.</param>
[GenerateSerializer, Immutable, Alias("krewe.add-answer")]
internal readonly record struct AddAnswer([property: Id(0)] AddResult Result, [property: Id(1)] string? ExistingId);
