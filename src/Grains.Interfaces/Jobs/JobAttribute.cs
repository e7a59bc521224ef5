namespace Krewe;

/// <summary>Names a job and sets what every job of this type starts from. Not inherited.</summary>
/// <remarks>
/// Precedence, weakest first: built-in, <c>Krewe:Defaults</c>, <c>Krewe:Queues:&lt;queue&gt;:Defaults</c>, this attribute, <c>AddJob(…)</c>,
/// <c>Krewe:Jobs:&lt;name&gt;</c>, <see cref="EnqueueOptions"/>. A property that is not set here leaves the weaker level in force.
/// </remarks>
/// <param name="name">The stable name, <c>[A-Za-z0-9._-]</c>, 1..100 characters, such as <c>email.send_order_confirmation</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class JobAttribute(string name) : Attribute
{
    /// <summary>The stable name that is stored and sent.</summary>
    public string Name { get; } = name;

    /// <summary>The queue; default <c>default</c>. Routes of the silo or client apply only where neither this nor the call names a queue.</summary>
    public string Queue { get => Set.Queue ?? "default"; set => Set.Queue = value; }

    /// <summary>0..9, 9 first; default 0.</summary>
    public int Priority { get => Set.Priority ?? 0; set => Set.Priority = value; }

    /// <summary>Retries after the first attempt, 0..1,000; default 3 (four attempts in all).</summary>
    public int MaxRetries { get => Set.MaxRetries ?? 3; set => Set.MaxRetries = value; }

    /// <summary>Seconds after which the handler's token fires, above 0; default none.</summary>
    public double SoftTimeLimitSeconds { get => Set.SoftTimeLimit?.TotalSeconds ?? 0; set => Set.SoftTimeLimit = Seconds(value); }

    /// <summary>Seconds after which the job is failed and its slot freed whatever the handler does, above 0; default none.</summary>
    public double TimeLimitSeconds { get => Set.TimeLimit?.TotalSeconds ?? 0; set => Set.TimeLimit = Seconds(value); }

    /// <summary>Seconds that a result is kept, 0 or more; default 86,400 (24 hours).</summary>
    public double ResultTtlSeconds { get => Set.ResultTtl?.TotalSeconds ?? 86_400; set => Set.ResultTtl = Seconds(value); }

    /// <summary>The base of the backoff in seconds, 0 or more; default 1.</summary>
    public double RetryDelaySeconds { get => Set.RetryDelay?.TotalSeconds ?? 1; set => Set.RetryDelay = Seconds(value); }

    /// <summary>The longest delay between attempts in seconds; default 600.</summary>
    public double MaxRetryDelaySeconds { get => Set.MaxRetryDelay?.TotalSeconds ?? 600; set => Set.MaxRetryDelay = Seconds(value); }

    /// <summary>How the delay grows; default <see cref="Krewe.Backoff.Exponential"/>.</summary>
    public Backoff Backoff { get => Set.Backoff ?? Backoff.Exponential; set => Set.Backoff = value; }

    /// <summary>Whether delays are spread; default <see cref="Krewe.Jitter.Full"/>.</summary>
    public Jitter Jitter { get => Set.Jitter ?? Jitter.Full; set => Set.Jitter = value; }

    /// <summary>What happens when the worker dies; default <see cref="Krewe.Delivery.AtLeastOnce"/>.</summary>
    public Delivery Delivery { get => Set.Delivery ?? Delivery.AtLeastOnce; set => Set.Delivery = value; }

    /// <summary>Whether the result is thrown away and only a tombstone kept; default false.</summary>
    public bool IgnoreResult { get => Set.IgnoreResult ?? false; set => Set.IgnoreResult = value; }

    /// <summary>Whether a passed hard limit is retried; default false. Dangerous: the abandoned handler may still be at work.</summary>
    public bool RetryOnHardLimit { get => Set.RetryOnHardLimit ?? false; set => Set.RetryOnHardLimit = value; }

    /// <summary>Exception types that are retried; when set, no other type is. Default: all.</summary>
    public Type[] RetryOn { get; set => Set.RetryOn = Names(field = value); } = [];

    /// <summary>Exception types that are never retried; stronger than <see cref="RetryOn"/>. Default: none.</summary>
    public Type[] DontRetryOn { get; set => Set.DontRetryOn = Names(field = value); } = [];

    /// <summary>Old names under which such jobs may still lie in the store.</summary>
    public string[] Aliases { get; set; } = [];

    /// <summary>Only what was set; null elsewhere.</summary>
    internal JobOptions Set { get; } = new();

    private static TimeSpan Seconds(double value) => double.IsFinite(value) && Math.Abs(value) < TimeSpan.MaxValue.TotalSeconds / 2
        ? TimeSpan.FromSeconds(value)
        : TimeSpan.MinValue;

    private static List<string> Names(Type[] types) => [.. types.Select(type => type.FullName ?? type.Name)];
}
