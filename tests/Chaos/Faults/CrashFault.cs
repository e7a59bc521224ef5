using Krewe.Chaos.Jobs;

namespace Krewe.Chaos.Faults;

/// <summary>A handler ends its process (<c>Environment.FailFast</c>) beside many innocent ones. Its job becomes a dead letter, theirs do not.</summary>
internal sealed class CrashFault : IFault
{
    private const int Innocents = 400;
    private static readonly Work Innocent = new(1_000, Failures: 0);

    public string Name => "crash-job";

    public async Task InjectAsync(Scene scene, CancellationToken cancellationToken)
    {
        await scene.Load.BurstAsync(Innocents, Innocent, cancellationToken);
        var state = await scene.Load.RunOneAsync(new Crash(), cancellationToken);
        if (state != JobState.Failed)
        {
            throw new ChaosException($"Expected that the job that ends its processes becomes a dead letter, got {state}.");
        }

        await scene.Cluster.WholeAsync(cancellationToken);
    }
}
