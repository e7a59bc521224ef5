using Orleans.GrainDirectory;

namespace Krewe.Placement;

/// <summary>A directory that knows nothing and keeps nothing, for grains whose key says where they are.</summary>
/// <remarks>Placement looks a grain up even when its strategy registers nothing; here the look-up costs no message.</remarks>
internal sealed class NoDirectory : IGrainDirectory
{
    internal const string Name = "krewe-none";

    private static readonly Task<GrainAddress?> Unknown = Task.FromResult<GrainAddress?>(null);

    public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(address);

    public Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress) => Task.FromResult<GrainAddress?>(address);

    public Task Unregister(GrainAddress address) => Task.CompletedTask;

    public Task<GrainAddress?> Lookup(GrainId grainId) => Unknown;

    public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;
}
