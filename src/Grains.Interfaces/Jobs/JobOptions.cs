namespace Krewe;

/// <summary>Settings of a job at one level of precedence; a null leaves the weaker level in force.</summary>
/// <remarks>Bound from <c>Krewe:Defaults</c>, <c>Krewe:Queues:&lt;queue&gt;:Defaults</c> and <c>Krewe:Jobs:&lt;name&gt;</c>, and set by <c>AddJob(o => …)</c>.</remarks>
public sealed class JobOptions
{
    /// <summary>The queue, <c>[A-Za-z0-9._-]</c>, 1..100 characters. Read from <c>[Job]</c>, <c>AddJob</c> and <c>Krewe:Jobs</c>.</summary>
    public string? Queue { get; set; }

    /// <summary>0..9, 9 first. Built-in: 0.</summary>
    public int? Priority { get; set; }

    /// <summary>Retries after the first attempt, 0..1,000. Built-in: 3.</summary>
    public int? MaxRetries { get; set; }

    /// <summary>When the handler's token fires; above 0, at most <see cref="TimeLimit"/>. Built-in: none.</summary>
    public TimeSpan? SoftTimeLimit { get; set; }

    /// <summary>When the job is failed whatever its handler does; above 0. Built-in: none.</summary>
    public TimeSpan? TimeLimit { get; set; }

    /// <summary>How long a result is kept. Built-in: 24 hours.</summary>
    public TimeSpan? ResultTtl { get; set; }

    /// <summary>Base of the backoff. Built-in: 1 second.</summary>
    public TimeSpan? RetryDelay { get; set; }

    /// <summary>Cap of the backoff. Built-in: 10 minutes.</summary>
    public TimeSpan? MaxRetryDelay { get; set; }

    /// <summary>How the delay grows. Built-in: exponential.</summary>
    public Backoff? Backoff { get; set; }

    /// <summary>Whether delays are spread. Built-in: full.</summary>
    public Jitter? Jitter { get; set; }

    /// <summary>What happens when the worker dies. Built-in: at least once.</summary>
    public Delivery? Delivery { get; set; }

    /// <summary>Whether only a tombstone is kept. Built-in: false.</summary>
    public bool? IgnoreResult { get; set; }

    /// <summary>Whether a passed hard limit is retried. Built-in: false.</summary>
    public bool? RetryOnHardLimit { get; set; }

    /// <summary>Full names of the exception types that are retried; when set, no other type is. Built-in: all.</summary>
    public List<string>? RetryOn { get; set; }

    /// <summary>Full names of the exception types that are never retried. Built-in: none.</summary>
    public List<string>? DontRetryOn { get; set; }
}
