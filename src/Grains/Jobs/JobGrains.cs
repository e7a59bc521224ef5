using Krewe.Execution;

namespace Krewe.Jobs;

/// <summary>Makes references to job grains. One per claimed job: <c>GetGrain&lt;T&gt;(key)</c> would look for the interface's type by reflection each time (a twentieth of the CPU of a no-op job).</summary>
internal sealed class JobGrains(IGrainFactory grains)
{
    private readonly Lazy<(GrainType Grain, GrainInterfaceType Interface)> _types = new(() =>
    {
        var reference = (GrainReference)grains.GetGrain<IJobGrain>("none!none!none");
        return (reference.GrainId.Type, reference.InterfaceType);
    });

    /// <summary>The grain of a claim that was handed to a silo.</summary>
    public IJobGrain Of(ClaimedJob job, string silo) => Of(JobGrainKey.Format(job, silo));

    /// <summary>The grain of a key.</summary>
    public IJobGrain Of(string key)
    {
        var (grain, face) = _types.Value;
        return (IJobGrain)grains.GetGrain(GrainId.Create(grain, key), face);
    }
}
