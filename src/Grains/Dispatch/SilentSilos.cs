using System.Collections.Concurrent;

namespace Krewe.Dispatch;

/// <summary>Silos that did not answer a moment ago: the next partition does not wait for them again.</summary>
internal sealed class SilentSilos(TimeProvider time)
{
    internal static readonly TimeSpan PassOverFor = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<SiloAddress, long> _since = new();

    /// <summary>Silos that are kept; bounded by how many fall silent in <see cref="PassOverFor"/>.</summary>
    internal int Count => _since.Count;

    /// <summary>Whether a silo is to be passed over.</summary>
    public bool Contains(SiloAddress silo) => _since.TryGetValue(silo, out var since) && !IsOver(since);

    /// <summary>A silo did not answer. Those that did not long ago are forgotten: most of them are dead, and nobody asks for them again.</summary>
    public void Add(SiloAddress silo)
    {
        foreach (var past in _since.Where(past => IsOver(past.Value)))
        {
            _since.TryRemove(past);
        }

        _since[silo] = time.GetTimestamp();
    }

    private bool IsOver(long since) => time.GetElapsedTime(since) >= PassOverFor;
}
