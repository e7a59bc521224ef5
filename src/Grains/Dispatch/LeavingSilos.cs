using System.Collections.Immutable;

namespace Krewe.Dispatch;

/// <summary>The silos that are about to leave, as this one was told. They are members still, but nothing new is placed on them.</summary>
/// <remarks>Best effort: a silo that was not told, or joined since, may place a partition's owner on a leaving one, which then moves it on.</remarks>
internal sealed class LeavingSilos(IClusterMembershipService membership)
{
    private ImmutableHashSet<SiloAddress> _silos = [];

    public bool Any => !_silos.IsEmpty;

    public bool Contains(SiloAddress silo) => _silos.Contains(silo);

    /// <summary>A silo says that it leaves. Those that are gone are forgotten.</summary>
    public void Add(SiloAddress silo)
    {
        var members = membership.CurrentSnapshot.Members;
        ImmutableInterlocked.Update(ref _silos, known => [.. known.Where(members.ContainsKey), silo]);
    }

    /// <summary>Active silos other than this one that stay.</summary>
    public List<SiloAddress> Staying(SiloAddress self) =>
        [.. membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active && member.SiloAddress != self && !Contains(member.SiloAddress)).Select(member => member.SiloAddress)];
}
