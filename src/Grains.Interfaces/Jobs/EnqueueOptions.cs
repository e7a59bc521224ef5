namespace Krewe;

/// <summary>What one enqueue sets for its job; the strongest level of precedence. A null leaves the weaker level in force.</summary>
public sealed record EnqueueOptions
{
    /// <summary>The queue, <c>[A-Za-z0-9._-]</c>, 1..100 characters.</summary>
    public string? Queue { get; init; }

    /// <summary>0..9, 9 first.</summary>
    public int? Priority { get; init; }

    /// <summary>How long the job waits before it may run, 0 or more. Not together with <see cref="NotBefore"/>.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>The instant before which the job does not run; a past one means now. Not together with <see cref="Delay"/>.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The instant after which the job no longer starts and ends as <see cref="JobState.Expired"/>; a past one expires it at once. Not together with <see cref="ExpiresIn"/>.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>As <see cref="ExpiresAt"/>, counted from the enqueue. Not together with it.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>The caller's own id, <c>[A-Za-z0-9._-]</c>, 1..128 characters, unique in its queue. The same id with the same name and args returns the first job. Not together with <see cref="UniqueKey"/>.</summary>
    public string? Id { get; init; }

    /// <summary>At most one job of this name in this queue holds the key until it is final or <see cref="UniqueFor"/> has passed, whichever is later; 1..256 characters, none of them control characters.</summary>
    public string? UniqueKey { get; init; }

    /// <summary>The shortest time that <see cref="UniqueKey"/> is held; default: until the job is final.</summary>
    public TimeSpan? UniqueFor { get; init; }

    /// <summary>Retries after the first attempt, 0..1,000.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>Delays between attempts and which exceptions are retried.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>When the handler's token fires; above 0, at most <see cref="TimeLimit"/>.</summary>
    public TimeSpan? SoftTimeLimit { get; init; }

    /// <summary>When the job is failed whatever its handler does; above 0.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Text that travels with the job and is readable by its handler; at most 64 entries, 16 KiB in all.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>How long the result is kept, 0 or more.</summary>
    public TimeSpan? ResultTtl { get; init; }

    /// <summary>Whether the result is thrown away and only a tombstone kept.</summary>
    public bool? IgnoreResult { get; init; }

    /// <summary>What happens when the worker dies.</summary>
    public Delivery? Delivery { get; init; }
}
