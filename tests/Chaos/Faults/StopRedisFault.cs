namespace Krewe.Chaos.Faults;

/// <summary>Redis stands still (<c>SIGSTOP</c>): connections stay open, and nothing is answered.</summary>
/// <param name="name">Its name.</param>
/// <param name="shortest">How long, as a rule.</param>
/// <param name="longest">How long where faults last as long as they may.</param>
internal sealed class StopRedisFault(string name, TimeSpan shortest, TimeSpan longest) : IFault
{
    public string Name => name;

    public async Task InjectAsync(Scene scene, CancellationToken cancellationToken)
    {
        scene.Cluster.Redis.Pause();
        await Task.Delay(scene.IsLong ? longest : shortest, scene.Time, cancellationToken);
        scene.Cluster.Redis.Resume();
        await scene.Cluster.WholeAsync(cancellationToken);
    }
}
