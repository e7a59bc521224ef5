using Krewe.Testing.Processes;

namespace Krewe.Chaos.Faults;

/// <summary>A silo stands still (<c>SIGSTOP</c>) until it was declared dead, and goes on then: it finds that out and leaves by itself. Another one has taken its place.</summary>
internal sealed class StopFault : IFault
{
    /// <summary>What a process ends with that was told of its own death.</summary>
    private const int Aborted = 134;

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    /// <summary>From its declared death until others have begun what it ran.</summary>
    private static readonly TimeSpan Taken = TimeSpan.FromSeconds(8);

    public string Name => "stop-silo";

    public async Task InjectAsync(Scene scene, CancellationToken cancellationToken)
    {
        var cluster = scene.Cluster;
        await scene.OccupyAsync(cancellationToken);
        var silo = cluster.At(scene.Victim);
        var stands = Task.Delay(scene.IsLong ? Long : Short, scene.Time, cancellationToken);
        cluster.Strike(Name, silo);
        silo.Send(Signal.Stop);
        silo.Release();

        await cluster.DeadAsync(silo, cancellationToken);
        await Task.WhenAll(stands, Task.Delay(Taken, scene.Time, cancellationToken));
        silo.Send(Signal.Continue);

        await cluster.LeavesAsync(silo, Aborted, cancellationToken);
        await cluster.WholeAsync(cancellationToken);
    }
}
