using Orleans.Concurrency;

namespace Krewe.Jobs;

/// <summary>How a job ended, as told to those who wait for it.</summary>
[GenerateSerializer, Immutable, Alias("krewe.job-ending")]
internal sealed record JobEnding
{
    /// <summary>Results larger than this are not pushed; the waiter reads them with <see cref="Queues.IQueueGrain.GetEndingAsync"/>.</summary>
    internal const int MaxPushedResultBytes = 64 * 1024;

    [Id(0)]
    public required string JobId { get; init; }

    /// <summary>False: no trace of the job is left; every other member is then meaningless.</summary>
    [Id(1)]
    public bool IsKnown { get; init; } = true;

    [Id(2)]
    public JobState State { get; init; }

    /// <summary>JSON, UTF-8; null when there is none (no result, ignored, or removed).</summary>
    [Id(3)]
    public byte[]? Result { get; init; }

    /// <summary>Whether the result is stored but too large to be pushed.</summary>
    [Id(4)]
    public bool IsResultElsewhere { get; init; }

    /// <summary>Whether the result was thrown away or removed, so that asking for one is <see cref="ResultGoneException"/> unless it was ignored on purpose.</summary>
    [Id(5)]
    public bool IsResultGone { get; init; }

    /// <summary>The last attempt's error.</summary>
    [Id(6)]
    public JobError? Error { get; init; }

    [Id(7)]
    public string? Reason { get; init; }
}

/// <summary>Is told when jobs end. One object per client process; the client renews its interest at least every 10 seconds.</summary>
[Alias("krewe.job-observer")]
internal interface IJobObserver : IGrainObserver
{
    [OneWay, Alias("ended")]
    Task OnEndedAsync(JobEnding[] endings);
}
