using Krewe.Chaos.Cluster;
using Krewe.Chaos.Jobs;

namespace Krewe.Chaos.Faults;

/// <summary>Chords run, and silos are killed (<c>kill -9</c>) in the middle of them, one after the other; others start in their place, on new ports.</summary>
/// <remarks>
/// So kills meet chords that are being enqueued, members that run, ends that are being told, bodies that are owed and bodies that run; and of the flows those that the silo owns, about as large a share as
/// it is of the cluster.
/// </remarks>
internal sealed class FlowsFault : IFault
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AimFor = TimeSpan.FromSeconds(10);

    public string Name => "flows";

    public async Task InjectAsync(Scene scene, CancellationToken cancellationToken)
    {
        var (cluster, chords, met) = (scene.Cluster, scene.Chords, new HashSet<string>());
        chords.Start();
        foreach (var kill in ChordKill.Plan(chords.Mix.Seed, chords.Settings.Kills, cluster.Count))
        {
            if (!await chords.ReachAsync((int)(kill.Progress * chords.Settings.Chords), cancellationToken))
            {
                return; // The verdict says which chords stand still.
            }

            var place = scene.Victim + kill.Place;
            if (kill.IsAimed)
            {
                await AimAsync(scene, cluster.At(place), met, cancellationToken);
            }

            met.UnionWith(BodiesOn(scene, cluster.At(place)));
            cluster.Kill(Name, place);
            await cluster.WholeAsync(cancellationToken);
        }

        await chords.ReachAsync(chords.Settings.Chords, cancellationToken);
    }

    /// <summary>Waits until a silo runs a body that no kill has met: who is met by three may be a dead letter, by the rule for crash loops.</summary>
    private static async Task AimAsync(Scene scene, SiloProcess silo, HashSet<string> met, CancellationToken cancellationToken)
    {
        for (var since = MachineClock.Now; BodiesOn(scene, silo).All(met.Contains) && MachineClock.Now - since < AimFor;)
        {
            await Task.Delay(LookInterval, scene.Time, cancellationToken);
        }
    }

    private static IEnumerable<string> BodiesOn(Scene scene, SiloProcess silo) => scene.Cluster.RunningOn(silo).Intersect(scene.Chords.Bodies);
}
