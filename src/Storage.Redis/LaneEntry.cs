using System.Globalization;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>An entry of a lane, or of the dead or finished jobs.</summary>
internal readonly record struct LaneEntry(long Position, string Id)
{
    /// <summary>The lower bound of a range that begins after a position.</summary>
    internal static RedisValue After(long position) => position < 0 ? "-" : position + 1;

    internal static LaneEntry[] Read(StreamEntry[] entries) => Array.ConvertAll(entries, entry => new LaneEntry(PositionOf(entry.Id.ToString()), entry.Values[0].Value.ToString()));

    internal static LaneEntry[] Read(SortedSetEntry[] entries) => Array.ConvertAll(entries, entry => new LaneEntry((long)entry.Score, entry.Element.ToString()));

    private static long PositionOf(string entryId) => long.Parse(entryId.AsSpan(0, entryId.IndexOf('-', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture);
}
