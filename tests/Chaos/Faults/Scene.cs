using Krewe.Chaos.Cluster;
using Krewe.Chaos.Jobs;
using Krewe.Chaos.Load;

namespace Krewe.Chaos.Faults;

/// <summary>Where a fault happens.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Load">What it works on.</param>
/// <param name="Victim">The place of the silo that is struck first.</param>
/// <param name="IsLong">Whether faults last as long as they may; else as long as it takes to see what they do.</param>
/// <param name="Time">The clock.</param>
internal sealed record Scene(ChaosCluster Cluster, SteadyLoad Load, int Victim, bool IsLong, TimeProvider Time)
{
    private const int HeldPerSilo = 20;
    private static readonly Work Held = new(4_000, Failures: 0);

    /// <summary>Gives every silo something to run, so that a strike meets it at work.</summary>
    public async Task OccupyAsync(CancellationToken cancellationToken)
    {
        await Load.BurstAsync(HeldPerSilo * Cluster.Count, Held, cancellationToken);
        await Cluster.UntilAsync("every silo runs something", () => Enumerable.Range(0, Cluster.Count).Select(Cluster.At).All(silo => Cluster.RunningOn(silo).Any()), cancellationToken);
    }

    /// <summary>The chords that the fault <c>flows</c> runs.</summary>
    public required ChordLoad Chords { get; init; }

    /// <summary>Notes what happened to the store.</summary>
    public required Action StoreWasKilled { get; init; }
}
