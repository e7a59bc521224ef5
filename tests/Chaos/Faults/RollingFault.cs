using Krewe.Testing.Processes;

namespace Krewe.Chaos.Faults;

/// <summary>A deploy: every silo in turn is asked to end (<c>SIGTERM</c>), drains, and is replaced before the next one's turn.</summary>
internal sealed class RollingFault : IFault
{
    public string Name => "rolling";

    public async Task InjectAsync(Scene scene, CancellationToken cancellationToken)
    {
        var cluster = scene.Cluster;
        for (var turn = 0; turn < cluster.Count; turn++)
        {
            var silo = cluster.At(scene.Victim + turn);
            cluster.Strike(Name, silo);
            silo.Send(Signal.Terminate);
            await cluster.LeavesAsync(silo, 0, cancellationToken);
            await cluster.WholeAsync(cancellationToken);
        }
    }
}
