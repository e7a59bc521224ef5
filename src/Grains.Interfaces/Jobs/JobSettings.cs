namespace Krewe.Jobs;

/// <summary>What governs a job's attempts; travels with the job and is stored with it. A null is "not set": the built-in default, written here once.</summary>
[GenerateSerializer, Immutable, Alias("krewe.job-settings")]
internal sealed record JobSettings
{
    internal static readonly JobSettings Unset = new();
    internal static readonly RetryPolicy DefaultRetry = new();

    [Id(0)]
    public int? MaxRetries { get; init; }

    [Id(1)]
    public RetryPolicy? Retry { get; init; }

    [Id(2)]
    public TimeSpan? SoftTimeLimit { get; init; }

    [Id(3)]
    public TimeSpan? TimeLimit { get; init; }

    [Id(4)]
    public TimeSpan? ResultTtl { get; init; }

    [Id(5)]
    public bool? IgnoreResult { get; init; }

    [Id(6)]
    public Delivery? Delivery { get; init; }

    [Id(7)]
    public bool? RetryOnHardLimit { get; init; }

    internal int EffectiveMaxRetries => MaxRetries ?? 3;

    internal RetryPolicy EffectiveRetry => Retry ?? DefaultRetry;

    internal TimeSpan EffectiveResultTtl => ResultTtl ?? TimeSpan.FromHours(24);

    internal bool EffectiveIgnoreResult => IgnoreResult ?? false;

    internal Delivery EffectiveDelivery => Delivery ?? Krewe.Delivery.AtLeastOnce;

    internal bool EffectiveRetryOnHardLimit => RetryOnHardLimit ?? false;
}
