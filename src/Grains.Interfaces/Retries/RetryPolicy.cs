namespace Krewe;

/// <summary>Delays between attempts and which exceptions are retried. The count is <c>MaxRetries</c>.</summary>
/// <remarks>Immutable. Exception filters are full type names, compared with the thrown exception's class hierarchy; no type is ever loaded from them.</remarks>
[GenerateSerializer, Immutable, Alias("krewe.retry-policy")]
public sealed record RetryPolicy
{
    private static readonly TimeSpan DefaultCap = TimeSpan.FromMinutes(10);

    [Id(2)]
    private TimeSpan? _cap;

    /// <summary>How the delay grows; default exponential.</summary>
    [Id(0)]
    public Backoff Kind { get; init; }

    /// <summary>The base delay, 0 or more; default 1 second. Unused by <see cref="Backoff.List"/>.</summary>
    [Id(1)]
    public TimeSpan Base { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest delay, at least <see cref="Base"/>, at most 30 days; default 10 minutes, or <see cref="Base"/> where that is longer.</summary>
    public TimeSpan Cap
    {
        get => _cap ?? (Base > DefaultCap ? Base : DefaultCap);
        init => _cap = value;
    }

    /// <summary>The delays of <see cref="Backoff.List"/>, 1..100 of them; the last one repeats.</summary>
    [Id(3)]
    public IReadOnlyList<TimeSpan> Delays { get; init; } = [];

    /// <summary>Whether delays are spread; default full.</summary>
    [Id(4)]
    public Jitter Jitter { get; init; }

    /// <summary>Full names of the exception types that are retried; empty: all.</summary>
    [Id(5)]
    public IReadOnlyList<string> RetryOn { get; init; } = [];

    /// <summary>Full names of the exception types that are never retried; stronger than <see cref="RetryOn"/>.</summary>
    [Id(6)]
    public IReadOnlyList<string> DontRetryOn { get; init; } = [];

    /// <summary>The same delay each time, without jitter.</summary>
    /// <param name="delay">0 or more.</param>
    public static RetryPolicy Fixed(TimeSpan delay) => new() { Kind = Backoff.Fixed, Base = delay, Cap = delay, Jitter = Jitter.None };

    /// <summary>base, 2 × base, 3 × base … up to a cap.</summary>
    /// <param name="baseDelay">0 or more.</param>
    /// <param name="cap">At least <paramref name="baseDelay"/>; default 10 minutes, or <paramref name="baseDelay"/> where that is longer.</param>
    public static RetryPolicy Linear(TimeSpan baseDelay, TimeSpan? cap = null) => new() { Kind = Backoff.Linear, Base = baseDelay, _cap = cap };

    /// <summary>base, 2 × base, 4 × base … up to a cap.</summary>
    /// <param name="baseDelay">0 or more.</param>
    /// <param name="cap">At least <paramref name="baseDelay"/>; default 10 minutes, or <paramref name="baseDelay"/> where that is longer.</param>
    public static RetryPolicy Exponential(TimeSpan baseDelay, TimeSpan? cap = null) => new() { Kind = Backoff.Exponential, Base = baseDelay, _cap = cap };

    /// <summary>Exactly these delays, without jitter; the last one repeats.</summary>
    /// <param name="delays">1..100 delays, each 0 or more.</param>
    public static RetryPolicy List(params IReadOnlyList<TimeSpan> delays) => new() { Kind = Backoff.List, Delays = delays, Cap = TimeSpan.FromDays(30), Jitter = Jitter.None };
}
