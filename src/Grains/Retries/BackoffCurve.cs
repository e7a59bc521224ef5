namespace Krewe.Retries;

/// <summary>How long a job waits before a retry. Pure: same inputs, same answer.</summary>
internal static class BackoffCurve
{
    /// <summary>The delay before retry n, spread as the policy says.</summary>
    /// <param name="policy">The curve, its cap and its jitter.</param>
    /// <param name="retry">n: 1 for the first retry. Smaller numbers count as 1.</param>
    /// <param name="jitter">Uniform in [0, 1); the caller draws it.</param>
    /// <returns>0 or more; below the unspread delay with full jitter, exactly it without.</returns>
    internal static TimeSpan Delay(RetryPolicy policy, int retry, double jitter)
    {
        var delay = Unspread(policy, Math.Max(1, retry));
        return policy.Jitter == Jitter.None ? delay : new TimeSpan((long)(delay.Ticks * Math.Clamp(jitter, 0, 1)));
    }

    private static TimeSpan Unspread(RetryPolicy policy, int retry) => policy.Kind switch
    {
        Backoff.Fixed => Capped(policy, policy.Base.Ticks),
        Backoff.Linear => Capped(policy, (double)policy.Base.Ticks * retry),
        // The cap belongs to the curves that grow; a list says every delay itself.
        Backoff.List when policy.Delays.Count > 0 => NotNegative(policy.Delays[Math.Min(retry, policy.Delays.Count) - 1]),
        Backoff.List => Capped(policy, policy.Base.Ticks),
        _ => Capped(policy, policy.Base.Ticks * Math.Pow(2, retry - 1)),
    };

    // In doubles, because 2^999 is one (1e301) while it overflows every integer; infinity is above every cap, and 0 × 2^n stays 0 up to n = 1,023.
    private static TimeSpan Capped(RetryPolicy policy, double ticks) =>
        ticks < policy.Cap.Ticks ? NotNegative(new TimeSpan((long)ticks)) : NotNegative(policy.Cap);

    private static TimeSpan NotNegative(TimeSpan delay) => delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
}
