using Krewe.Chaos.Faults;
using Krewe.Testing.Redis;

namespace Krewe.Chaos;

/// <summary>What one run does.</summary>
internal sealed record ChaosSettings
{
    /// <summary>Silos that the cluster has, 2..16.</summary>
    public int Silos { get; init; } = 3;

    /// <summary>Jobs a second, 1..1,000.</summary>
    public int PerSecond { get; init; } = 50;

    /// <summary>Of the sequence of jobs, and of faults where they are drawn.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How Redis writes.</summary>
    public RedisPersistence Persistence { get; init; } = RedisPersistence.Always;

    /// <summary>Whether faults last as long as they may.</summary>
    public bool IsLong { get; init; }

    /// <summary>The faults, in order.</summary>
    public IReadOnlyList<PlannedFault> Plan { get; init; } = [];

    /// <summary>What the fault <c>flows</c> does.</summary>
    public ChordSettings Chords { get; init; } = new();

    /// <summary>How long the longest jobs take.</summary>
    public TimeSpan LongestJob { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Slots of each silo for the steady load.</summary>
    public int Concurrency => 20 + PerSecond;

    /// <summary>How long a stopping silo lets handlers end: less than the longest takes, so that some are handed back.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(5);
}
