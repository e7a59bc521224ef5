using Krewe.Dispatch;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Krewe.Placement;

/// <summary>Places a grain on any silo that is not about to leave, all with the same chance.</summary>
[GenerateSerializer, Immutable, Alias("krewe.staying-silos")]
internal sealed class StayingSilosStrategy : PlacementStrategy;

/// <inheritdoc cref="StayingSilosStrategy"/>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class StayingSilosPlacementAttribute() : PlacementAttribute(new StayingSilosStrategy());

/// <inheritdoc cref="StayingSilosStrategy"/>
/// <remarks>A draining silo is an active member until Orleans stops, and Orleans alone would still choose it. Where all leave, any will do: somebody has to serve to the end.</remarks>
internal sealed class StayingSilosDirector(LeavingSilos leaving, Random random) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        if (leaving.Any)
        {
            var staying = Array.FindAll(silos, silo => !leaving.Contains(silo));
            silos = staying.Length > 0 ? staying : silos;
        }

        lock (random)
        {
            return Task.FromResult(silos[random.Next(silos.Length)]);
        }
    }
}
