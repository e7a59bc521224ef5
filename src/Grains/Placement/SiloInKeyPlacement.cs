using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Krewe.Placement;

/// <summary>Places a grain on the silo that its key names: the part between the first two <c>!</c>, or the whole key; a parsable address with generation.</summary>
[GenerateSerializer, Immutable, Alias("krewe.silo-in-key")]
internal sealed class SiloInKeyStrategy : PlacementStrategy
{
    /// <summary>Nothing is registered: the key is the address.</summary>
    public override bool IsUsingGrainDirectory => false;
}

/// <inheritdoc cref="SiloInKeyStrategy"/>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SiloInKeyPlacementAttribute() : PlacementAttribute(new SiloInKeyStrategy());

/// <inheritdoc cref="SiloInKeyStrategy"/>
/// <remarks>Never falls back: where that silo is not there, the call fails, because running elsewhere would be running without the claim.</remarks>
internal sealed class SiloInKeyDirector(ILocalSiloDetails local) : IPlacementDirector
{
    private readonly string _localAddress = local.SiloAddress.ToParsableString();
    private readonly Task<SiloAddress> _local = Task.FromResult(local.SiloAddress);

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silo = SiloOf(target.GrainIdentity.Key.ToString()!);
        if (silo.SequenceEqual(_localAddress))
        {
            return _local;
        }

        var address = SiloAddress.FromParsableString(silo.ToString());
        return context.GetCompatibleSilos(target).Contains(address)
            ? Task.FromResult(address)
            : throw new SiloUnavailableException($"The silo {address} that the key of {target.GrainIdentity} names is not a member of the cluster; what it ran is rescued by its owner.");
    }

    private static ReadOnlySpan<char> SiloOf(ReadOnlySpan<char> key)
    {
        var first = key.IndexOf('!');
        if (first < 0)
        {
            return key;
        }

        var rest = key[(first + 1)..];
        return rest[..rest.IndexOf('!')];
    }
}
