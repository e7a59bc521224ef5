namespace Krewe;

/// <summary>The settings of Krewe, bound from the section <c>Krewe</c>. A client reads the parts that concern enqueueing; a silo all of them.</summary>
/// <remarks>Instances are configured once, at start. A silo's start checks them and reports all violations in one message.</remarks>
public sealed class KreweOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Krewe";

    /// <summary>The queues that always exist.</summary>
    public static IReadOnlyList<string> BuiltInQueues { get; } = ["critical", "default", "low"];

    /// <summary>What every job starts from, over the built-in settings.</summary>
    public JobOptions Defaults { get; set; } = new();

    /// <summary>The queues beside <see cref="BuiltInQueues"/>, and settings of each.</summary>
    public Dictionary<string, QueueOptions> Queues { get; set; } = [];

    /// <summary>Settings by job name; stronger than <c>[Job]</c> and <c>AddJob</c>.</summary>
    public Dictionary<string, JobOptions> Jobs { get; set; } = [];

    /// <summary>Job-name globs and the queues they go to, first match wins; weaker than a queue named by <c>[Job]</c>, <c>AddJob</c>, <see cref="Jobs"/> or the call.</summary>
    public List<RouteOptions> Routes { get; set; } = [];

    /// <summary>Schedules by id, made when a silo starts; what an operator changed of one stays.</summary>
    public Dictionary<string, ScheduleSettings> Schedules { get; set; } = [];

    /// <summary>Whether an enqueue to an unknown queue creates it; default false.</summary>
    public bool CreateMissingQueues { get; set; }

    /// <summary>Partitions of a queue that does not say, 1..64, written at its first use; null: 1 embedded, 4 in a cluster.</summary>
    public int? Partitions { get; set; }

    /// <summary>Slots that all queues of this silo share, 1..10,000; null: 5 per core, at least 20. Unused where <see cref="ConsumedQueues"/> is set.</summary>
    public int? Concurrency { get; set; }

    /// <summary>The queues that this silo consumes with their own slots (<c>--queues critical=4,default=8</c>); empty: all queues share <see cref="Concurrency"/> slots.</summary>
    public Dictionary<string, int> ConsumedQueues { get; set; } = [];

    /// <summary>How long a stopping silo lets running jobs end, 0 s..1 h; default 30 s.</summary>
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a starting silo waits for its store, 0 s..1 h; default 30 s.</summary>
    public TimeSpan WaitForStore { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the store may not answer this silo, while it answers others, before the silo gives up its partitions and leaves.</summary>
    internal TimeSpan StorePatience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a handler may go on after its job was cancelled before it is abandoned; default 10 s.</summary>
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Abandoned handlers beyond which a worker takes nothing and is unhealthy, 0..10,000; default 100.</summary>
    public int MaxZombies { get; set; } = 100;

    /// <summary>Silos that may die under one handler, while it is its silo's one suspect, before it becomes a dead letter, 1..100; default 3.</summary>
    public int MaxDeliveries { get; set; } = 3;

    /// <summary>The largest args or result in bytes of JSON, 1 KiB..64 MiB; default 1 MiB.</summary>
    public int MaxPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>Finished jobs listed per queue, beside their time to live; default 1,000,000. The oldest go beyond it, but not before their ids may be forgotten.</summary>
    public long MaxFinished { get; set; } = 1_000_000;

    /// <summary>How long dead letters are kept; default 7 days.</summary>
    public TimeSpan FailureTtl { get; set; } = TimeSpan.FromDays(7);
}

/// <summary>Settings of one queue.</summary>
public sealed class QueueOptions
{
    /// <summary>Partitions, 1..64; null: <see cref="KreweOptions.Partitions"/>. Fixed at the queue's first use.</summary>
    public int? Partitions { get; set; }

    /// <summary>How often a shared worker serves this queue beside the others, 1..1,000; null: critical 10, default 5, low 1, others 5.</summary>
    public int? Weight { get; set; }

    /// <summary>Waiting jobs beyond which new ones are refused; null: no limit.</summary>
    public long? MaxQueueLength { get; set; }

    /// <summary>What jobs of this queue start from.</summary>
    public JobOptions Defaults { get; set; } = new();
}

/// <summary>One route: jobs whose names match go to a queue.</summary>
public sealed class RouteOptions
{
    /// <summary>A job name in which <c>*</c> stands for any characters, such as <c>payments.*</c>.</summary>
    public string Pattern { get; set; } = "";

    /// <summary>The queue.</summary>
    public string Queue { get; set; } = "";
}
