using Krewe.Chaos.Cluster;
using Krewe.Testing.Redis;

namespace Krewe.Chaos.Faults;

/// <summary>A silo alone loses Redis while its peers keep it. It joins for this, runs jobs, is cut off, gives up what it has and leaves by itself.</summary>
internal sealed class CutOffFault : IFault
{
    public string Name => "cut-off";

    public async Task InjectAsync(Scene scene, CancellationToken cancellationToken)
    {
        var cluster = scene.Cluster;
        await using var way = TcpProxy.To(cluster.Redis);
        var silo = cluster.Join(way.ConnectionString);
        await cluster.UntilAsync($"process {silo.Id} runs jobs", () => cluster.HasRun(silo), cancellationToken);

        cluster.Strike(Name, silo);
        way.Cut();

        await cluster.UntilAsync($"process {silo.Id} gives up its partitions and its handlers end", () => ChaosCluster.HasSaid(silo, "Leaving, because the store is lost"), cancellationToken);
        if (!scene.IsLong)
        {
            way.Mend(); // Orleans takes a minute to leave a table that it cannot write.
        }

        await cluster.LeavesAsync(silo, 0, cancellationToken);
    }
}
