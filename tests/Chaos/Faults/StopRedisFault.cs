namespace Krewe.Chaos.Faults;

/// <summary>Redis stands still (<c>SIGSTOP</c>): connections stay open, and nothing is answered.</summary>
internal sealed class StopRedisFault : IFault
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    public string Name => "stop-redis";

    public async Task InjectAsync(Scene scene, CancellationToken cancellationToken)
    {
        scene.Cluster.Redis.Pause();
        await Task.Delay(scene.IsLong ? Long : Short, scene.Time, cancellationToken);
        scene.Cluster.Redis.Resume();
        await scene.Cluster.WholeAsync(cancellationToken);
    }
}
