namespace Krewe.Retries;

/// <summary>What becomes of a job whose attempt failed: exactly one of <see cref="RetryAt"/> and <see cref="GiveUp"/>.</summary>
internal abstract record RetryDecision;

/// <summary>It runs again.</summary>
/// <param name="At">From this instant on.</param>
internal sealed record RetryAt(DateTimeOffset At) : RetryDecision;

/// <summary>It becomes a dead letter.</summary>
/// <param name="Reason">Why.</param>
internal sealed record GiveUp(GiveUpReason Reason) : RetryDecision;

/// <summary>Why a failed job is not tried again.</summary>
internal enum GiveUpReason
{
    /// <summary>The error is one that a retry does not mend, or the job's filters exclude it.</summary>
    NotRetryable = 0,

    /// <summary>It failed <c>MaxRetries</c> + 1 times.</summary>
    RetriesExhausted = 1,
}
