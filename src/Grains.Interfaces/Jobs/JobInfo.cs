namespace Krewe;

/// <summary>The whole story of a job, as it stood when it was asked for.</summary>
[GenerateSerializer, Immutable, Alias("krewe.job-info")]
public sealed record JobInfo
{
    /// <summary>The job's full id.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>The job's stable name.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>Its queue.</summary>
    [Id(2)]
    public required string Queue { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(3)]
    public required JobState State { get; init; }

    /// <summary>0..9.</summary>
    [Id(4)]
    public int Priority { get; init; }

    /// <summary>The attempt that runs or ran last; 0 before the first.</summary>
    [Id(5)]
    public int Attempt { get; init; }

    /// <summary>Retries after the first attempt.</summary>
    [Id(6)]
    public int MaxRetries { get; init; }

    /// <summary>When it was accepted.</summary>
    [Id(7)]
    public DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>The instant it waits for, while Scheduled or Retrying.</summary>
    [Id(8)]
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When it expires if it has not started.</summary>
    [Id(9)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When its last attempt started.</summary>
    [Id(10)]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it became final.</summary>
    [Id(11)]
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The silo that runs it or ran it last.</summary>
    [Id(12)]
    public string? Worker { get; init; }

    /// <summary>The errors of its attempts, oldest first, the last 10.</summary>
    [Id(13)]
    public IReadOnlyList<JobError> Errors { get; init; } = [];

    /// <summary>What its handler reported last.</summary>
    [Id(14)]
    public JobProgress? Progress { get; init; }

    /// <summary>The job whose handler enqueued it.</summary>
    [Id(15)]
    public string? ParentId { get; init; }

    /// <summary>The jobs that its handler enqueued, the first 100.</summary>
    [Id(16)]
    public IReadOnlyList<string> ChildIds { get; init; } = [];

    /// <summary>The headers of the enqueue.</summary>
    [Id(17)]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The unique key it was enqueued with.</summary>
    [Id(18)]
    public string? UniqueKey { get; init; }

    /// <summary>Whether somebody asked to cancel it while it ran.</summary>
    [Id(19)]
    public bool IsCancelRequested { get; init; }

    /// <summary>How often a silo died under its handler.</summary>
    [Id(20)]
    public int LostDeliveries { get; init; }

    /// <summary>Why it waits, was cancelled, expired or given up, in words; null where there is nothing to say.</summary>
    [Id(21)]
    public string? Reason { get; init; }

    /// <summary>How long the attempt may run before its token fires.</summary>
    [Id(22)]
    public TimeSpan? SoftTimeLimit { get; init; }

    /// <summary>How long the attempt may run at most.</summary>
    [Id(23)]
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>The flow that it is a member of.</summary>
    [Id(24)]
    public string? FlowId { get; init; }
}

/// <summary>What one failed attempt left behind. Exceptions of users' types never cross a process; this record does.</summary>
/// <param name="Attempt">1 for the first try.</param>
/// <param name="Type">The exception's full type name.</param>
/// <param name="Message">Its message, cut at 8 KiB.</param>
/// <param name="Stack">Its stack with inner exceptions, cut at 32 KiB.</param>
/// <param name="At">When the attempt ended.</param>
/// <param name="IsRetryable">Whether the policy would try again, were attempts left.</param>
[GenerateSerializer, Immutable, Alias("krewe.job-error")]
public sealed record JobError(
    [property: Id(0)] int Attempt,
    [property: Id(1)] string Type,
    [property: Id(2)] string Message,
    [property: Id(3)] string? Stack,
    [property: Id(4)] DateTimeOffset At,
    [property: Id(5)] bool IsRetryable);

/// <summary>How far a running job said it is.</summary>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all; 0 when unknown.</param>
/// <param name="Note">A short text.</param>
[GenerateSerializer, Immutable, Alias("krewe.job-progress")]
public sealed record JobProgress(
    [property: Id(0)] long Done,
    [property: Id(1)] long Total,
    [property: Id(2)] string? Note);
