using Krewe.Hosting;

namespace Krewe.Placement;

/// <summary>A silo's share of what all silos look after: by hash of the key over the active silos in order of address. Silos that see different members look twice or, for one round, not at all.</summary>
/// <param name="Index">Which of them this silo is; below 0: it is none yet, and has all.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct SiloShare(int Index, int Count)
{
    internal static SiloShare Of(SiloIdentity silo)
    {
        var active = silo.ActiveSilos.Order(StringComparer.Ordinal).ToList();
        return new(active.IndexOf(silo.Address), active.Count);
    }

    internal bool Has(string key) => Index < 0 || Count == 0 || (uint)StableHash(key) % (uint)Count == Index;

    private static int StableHash(string key) => key.Aggregate(17, (hash, character) => unchecked((hash * 31) + character));
}
