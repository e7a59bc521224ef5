namespace Krewe.Chaos.Faults;

/// <summary>Redis is killed and started again with what it had written.</summary>
internal sealed class KillRedisFault : IFault
{
    public string Name => "kill-redis";

    public async Task InjectAsync(Scene scene, CancellationToken cancellationToken)
    {
        scene.StoreWasKilled();
        await scene.Cluster.Redis.KillAndStartAgainAsync(cancellationToken);
        await scene.Cluster.WholeAsync(cancellationToken);
    }
}
