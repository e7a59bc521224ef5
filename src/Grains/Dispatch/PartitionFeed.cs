using Krewe.Queues;

namespace Krewe.Dispatch;

/// <summary>One partition as a worker sees it: whether it has work, and what was last heard of it. Guarded by the worker's lock.</summary>
internal sealed class PartitionFeed(PartitionKey key)
{
    public PartitionKey Key { get; } = key;

    /// <summary>Above every priority: a partition that was not asked yet, or not for long, is asked before the backlog of others; else a busy worker might never hear of it.</summary>
    public const int Unknown = 10;

    /// <summary>Whether there is, or may be, something to claim.</summary>
    public bool IsRinging { get; set; } = true;

    /// <summary>Whether a claim call is under way; one at a time.</summary>
    public bool IsAsking { get; set; }

    /// <summary>Slots that are kept for the call under way.</summary>
    public int Asked { get; set; }

    /// <summary>The highest priority that waits, as far as is known; -1: nothing; or <see cref="Unknown"/>.</summary>
    public int HeadPriority { get; set; } = Unknown;

    /// <summary>The highest priority that bells told since the last call was made.</summary>
    public int RungPriority { get; set; } = -1;

    /// <summary>Whether it said that a suspect waits.</summary>
    public bool HasSuspect { get; set; }

    /// <summary>Handlers of its jobs that run here now.</summary>
    public int Running { get; set; }

    /// <summary>Counts the calls.</summary>
    public long Sequence { get; set; }

    public long Epoch { get; set; }

    /// <summary>Answers of lower epochs are void: a later owner has been told what is held here.</summary>
    public long FencedBelow { get; set; }

    /// <summary>Whether the next call must list what is held: at first, after a failure, and now and then.</summary>
    public bool MustIntroduce { get; set; } = true;

    /// <summary>Timestamp of the last call.</summary>
    public long AskedAt { get; set; }

    /// <summary>Timestamp of the last call that listed what is held.</summary>
    public long IntroducedAt { get; set; }

    /// <summary>Its owner, wherever that is.</summary>
    public required IDispatchGrain Owner { get; init; }

    /// <summary>Outcomes on their way to the owner.</summary>
    public required OutcomeOutbox Outbox { get; init; }
}
