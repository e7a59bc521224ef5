using Krewe.Jobs;

namespace Krewe.Execution;

/// <summary>How one attempt ended, as its worker tells the owner. The owner decides what becomes of the job (<c>JobTransitions</c>, <c>RetryDecider</c>).</summary>
[GenerateSerializer, Immutable, Alias("krewe.attempt-outcome")]
internal sealed record AttemptOutcome
{
    /// <summary>The last part of the job's id.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>The token of the claim; an outcome of another claim is fenced.</summary>
    [Id(1)]
    public required string Token { get; init; }

    [Id(2)]
    public required OutcomeKind Kind { get; init; }

    /// <summary>With Succeeded: JSON, UTF-8; null when there is none or it is ignored.</summary>
    [Id(3)]
    public byte[]? Result { get; init; }

    /// <summary>With Failed, TimedOut and Retry: what went wrong; <see cref="JobError.IsRetryable"/> is decided by the job's filters and the kind of exception.</summary>
    [Id(4)]
    public JobError? Error { get; init; }

    /// <summary>With Retry (null: the policy's) and Snoozed: the delay.</summary>
    [Id(5)]
    public TimeSpan? Delay { get; init; }

    /// <summary>With Cancelled: why.</summary>
    [Id(6)]
    public string? Reason { get; init; }

    [Id(7)]
    public JobProgress? Progress { get; init; }

    /// <summary>Full ids of jobs that the handler enqueued, at most <see cref="JobRecord.MaxChildIds"/>.</summary>
    [Id(8)]
    public IReadOnlyList<string>? ChildIds { get; init; }

    /// <summary>When the handler started; null when it never did.</summary>
    [Id(9)]
    public DateTimeOffset? StartedAt { get; init; }

    [Id(10)]
    public DateTimeOffset EndedAt { get; init; }

    /// <summary>The merged settings, when this worker was the first that knew the record; else null.</summary>
    [Id(11)]
    public JobSettings? MergedSettings { get; init; }

    /// <summary>With Replaced: the flow's id.</summary>
    [Id(12)]
    public string? FlowId { get; init; }
}

/// <summary>The ways an attempt ends.</summary>
internal enum OutcomeKind
{
    /// <summary>The handler returned.</summary>
    Succeeded = 0,

    /// <summary>It threw, its args did not fit, or its result could not be serialized; retried when the error is retryable and retries are left.</summary>
    Failed = 1,

    /// <summary>It passed its hard limit and was abandoned; not retried unless the job says so.</summary>
    TimedOut = 2,

    /// <summary>The handler asked for a retry.</summary>
    Retry = 3,

    /// <summary>The handler asked to run again later; no attempt is spent.</summary>
    Snoozed = 4,

    /// <summary>It ended by a cancel, from outside or inside.</summary>
    Cancelled = 5,

    /// <summary>It was handed back unspent: drain, or the claim could not be started here.</summary>
    Released = 6,

    /// <summary>This worker does not know the name after all; the owner parks the job.</summary>
    Unhandled = 7,

    /// <summary>A flow has taken the job's place, durably: the job ends when that ends.</summary>
    Replaced = 8,
}
