namespace Krewe.Chaos.Faults;

/// <summary>Silos are killed (<c>kill -9</c>), so many at once; others start in their place, on new ports.</summary>
internal sealed class KillFault(string name, Func<int, int> countOf) : IFault
{
    public string Name => name;

    public async Task InjectAsync(Scene scene, CancellationToken cancellationToken)
    {
        var cluster = scene.Cluster;
        await scene.OccupyAsync(cancellationToken);
        cluster.Kill(Name, Enumerable.Range(scene.Victim, countOf(cluster.Count)));
        await cluster.WholeAsync(cancellationToken);
    }
}
