namespace Krewe;

/// <summary>Reads queues and the jobs in them.</summary>
public interface IQueueInspector
{
    /// <summary>Every queue that exists, by name.</summary>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    Task<IReadOnlyList<QueueInfo>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>A page of jobs, read from the places that hold them.</summary>
    /// <param name="query">Which jobs; null: all.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    Task<JobPage> ListJobsAsync(JobQuery? query = null, CancellationToken cancellationToken = default);
}

/// <summary>Reads the silos that run jobs.</summary>
public interface IWorkerInspector
{
    /// <summary>Every silo of the cluster that answers, by name.</summary>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    Task<IReadOnlyList<WorkerInfo>> ListAsync(CancellationToken cancellationToken = default);
}

/// <summary>One queue, over all its partitions.</summary>
[GenerateSerializer, Immutable, Alias("krewe.queue-info")]
public sealed record QueueInfo
{
    /// <summary>The queue's name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Partitions, 1..64.</summary>
    [Id(1)]
    public int Partitions { get; init; }

    /// <summary>Jobs that wait for a slot.</summary>
    [Id(2)]
    public long Queued { get; init; }

    /// <summary>Jobs that wait for their instant: Scheduled and Retrying.</summary>
    [Id(3)]
    public long Scheduled { get; init; }

    /// <summary>Jobs that are claimed.</summary>
    [Id(4)]
    public long Running { get; init; }

    /// <summary>Jobs that no live worker handles.</summary>
    [Id(5)]
    public long Parked { get; init; }

    /// <summary>Dead letters.</summary>
    [Id(6)]
    public long Dead { get; init; }

    /// <summary>How long the oldest queued job has waited; null when none does.</summary>
    [Id(7)]
    public TimeSpan? OldestAge { get; init; }

    /// <summary>Jobs accepted a second over the last minute.</summary>
    [Id(8)]
    public double EnqueuedPerSecond { get; init; }

    /// <summary>Jobs that became final a second over the last minute.</summary>
    [Id(9)]
    public double FinishedPerSecond { get; init; }

    /// <summary>Names of parked jobs with their counts; empty when none are.</summary>
    [Id(10)]
    public IReadOnlyDictionary<string, long> ParkedNames { get; init; } = new Dictionary<string, long>();
}

/// <summary>One silo that runs jobs.</summary>
[GenerateSerializer, Immutable, Alias("krewe.worker-info")]
public sealed record WorkerInfo
{
    /// <summary>The silo's name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The silo's address and generation.</summary>
    [Id(1)]
    public required string Silo { get; init; }

    /// <summary>Slots per queue; one entry <c>*</c> when all queues share them.</summary>
    [Id(2)]
    public IReadOnlyDictionary<string, int> Slots { get; init; } = new Dictionary<string, int>();

    /// <summary>Jobs whose handlers run now, by queue.</summary>
    [Id(3)]
    public IReadOnlyDictionary<string, int> Running { get; init; } = new Dictionary<string, int>();

    /// <summary>The job names it handles.</summary>
    [Id(4)]
    public IReadOnlyList<string> Handlers { get; init; } = [];

    /// <summary>Abandoned handlers that have not ended.</summary>
    [Id(5)]
    public int Zombies { get; init; }

    /// <summary>Whether it is draining and claims nothing more.</summary>
    [Id(6)]
    public bool IsDraining { get; init; }

    /// <summary>When it started.</summary>
    [Id(7)]
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The ids of running jobs, at most 1,000.</summary>
    [Id(8)]
    public IReadOnlyList<string> RunningJobIds { get; init; } = [];
}

/// <summary>Which jobs a listing asks for.</summary>
[GenerateSerializer, Immutable, Alias("krewe.job-query")]
public sealed record JobQuery
{
    /// <summary>Only this state; null: all.</summary>
    [Id(0)]
    public JobState? State { get; init; }

    /// <summary>Only this queue; null: all.</summary>
    [Id(1)]
    public string? Queue { get; init; }

    /// <summary>Only this name. Filters each page, which may then be short or empty while more follow.</summary>
    [Id(2)]
    public string? Name { get; init; }

    /// <summary>The <see cref="JobPage.Next"/> of the page before; null: the first page.</summary>
    [Id(3)]
    public string? After { get; init; }

    /// <summary>1..500; default 50.</summary>
    [Id(4)]
    public int Limit { get; init; } = 50;

    internal static InvalidJobException NotACursor() => new("The cursor 'after' is not one that a page gave; take it from the page before, unchanged.");
}

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">At most the query's limit.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
[GenerateSerializer, Immutable, Alias("krewe.job-page")]
public sealed record JobPage([property: Id(0)] IReadOnlyList<JobInfo> Jobs, [property: Id(1)] string? Next);
