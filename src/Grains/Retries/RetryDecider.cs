using Krewe.Jobs;

namespace Krewe.Retries;

/// <summary>Decides whether a failed attempt is followed by another, and when. Pure: same inputs, same answer.</summary>
internal static class RetryDecider
{
    /// <summary>What becomes of a job after a failed attempt.</summary>
    /// <param name="settings">The job's settings.</param>
    /// <param name="failedAttemptsIncludingThis">1 after the first failure.</param>
    /// <param name="retryable">Whether the error is one that may be tried again.</param>
    /// <param name="asked">The delay that the handler asked for, taken as it is; null: the policy's.</param>
    /// <param name="now">The owner's clock.</param>
    /// <param name="jitter">Uniform in [0, 1); the caller draws it.</param>
    internal static RetryDecision AfterFailure(
        JobSettings settings, int failedAttemptsIncludingThis, bool retryable, TimeSpan? asked, DateTimeOffset now, double jitter) =>
        (retryable, failedAttemptsIncludingThis <= settings.EffectiveMaxRetries) switch
        {
            (false, _) => new GiveUp(GiveUpReason.NotRetryable),
            (_, false) => new GiveUp(GiveUpReason.RetriesExhausted),
            _ => new RetryAt(Later(now, asked ?? BackoffCurve.Delay(settings.EffectiveRetry, failedAttemptsIncludingThis, jitter))),
        };

    /// <summary>An instant plus a delay; the last instant there is where the sum lies beyond it, the first one itself for a negative delay.</summary>
    internal static DateTimeOffset Later(DateTimeOffset now, TimeSpan delay) =>
        delay <= TimeSpan.Zero ? now : delay >= DateTimeOffset.MaxValue - now ? DateTimeOffset.MaxValue : now + delay;
}
