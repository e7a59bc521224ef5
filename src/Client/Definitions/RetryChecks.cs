using System.Globalization;

namespace Krewe.Definitions;

/// <summary>The bounds of retry policies. Pure.</summary>
internal static class RetryChecks
{
    private const int MaxDelays = 100;
    private const int MaxFilters = 100;
    private const int MaxTypeNameLength = 512;

    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(30);

    internal static void Policy(Violations violations, RetryPolicy? policy)
    {
        if (policy is null)
        {
            return;
        }

        violations.Enum<Backoff>("Retry.Kind", policy.Kind);
        violations.Enum<Jitter>("Retry.Jitter", policy.Jitter);
        Delays(violations, "Retry.Base", policy.Base, "Retry.Cap", policy.Cap);
        Filter(violations, "Retry.RetryOn", policy.RetryOn ?? []);
        Filter(violations, "Retry.DontRetryOn", policy.DontRetryOn ?? []);
        var delays = policy.Delays ?? [];
        if (delays.Count > MaxDelays || (delays.Count == 0 && policy.Kind == Backoff.List))
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"Retry.Delays must have 1..{MaxDelays} delays, got {delays.Count}; the last one repeats."));
        }

        foreach (var delay in delays.Where(delay => delay < TimeSpan.Zero || delay > MaxDelay).Take(1))
        {
            violations.Range("Retry.Delays", delay, MaxDelay, "use TimeSpan.Zero to retry at once.");
        }
    }

    internal static void Level(Violations violations, JobOptions level)
    {
        violations.Enum("Backoff", level.Backoff);
        violations.Enum("Jitter", level.Jitter);
        if (level.Backoff == Backoff.List)
        {
            violations.Add("Backoff must be Exponential, Fixed or Linear, got List; pass RetryPolicy.List(…) as EnqueueOptions.Retry, which holds the delays.");
        }

        Delays(violations, "RetryDelay", level.RetryDelay, "MaxRetryDelay", level.MaxRetryDelay);
        Filter(violations, "RetryOn", level.RetryOn ?? []);
        Filter(violations, "DontRetryOn", level.DontRetryOn ?? []);
    }

    private static void Delays(Violations violations, string option, TimeSpan? delay, string capOption, TimeSpan? cap)
    {
        violations.Range(option, delay, MaxDelay, "use 0 to retry at once.");
        violations.Range(capOption, cap, MaxDelay, "it bounds each delay.");
        if (delay > cap)
        {
            violations.Add($"{capOption} must be at least {option} ({Violations.Text(delay.Value)}), got {Violations.Text(cap.Value)}; raise it, or lower {option}.");
        }
    }

    private static void Filter(Violations violations, string option, IReadOnlyList<string> names)
    {
        if (names.Count > MaxFilters)
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"{option} must have at most {MaxFilters} names, got {names.Count}; name a common base class."));
        }

        foreach (var name in names.Where(name => string.IsNullOrWhiteSpace(name) || name.Length > MaxTypeNameLength).Take(1))
        {
            violations.Add($"{option} must hold full type names of 1..{MaxTypeNameLength} characters, got {Violations.Quote(name)}; write such as 'System.TimeoutException'.");
        }
    }
}
