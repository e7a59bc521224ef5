using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Frees unique keys of holders that ended without letting go, before others ask for them.</summary>
/// <remarks>
/// A script may only touch keys that it was told, and who holds a key is not known before it is read; hence a call ahead of the commit. Nobody but the owner
/// moves jobs, so nothing changes between them.
/// </remarks>
internal sealed class RedisUniqueKeys(RedisCaller caller, TimeProvider timeProvider)
{
    private const int MaxPairs = 128;
    private const string ReleasedMark = "r";
    internal static readonly IReadOnlyDictionary<RedisKey, string> Nobody = new Dictionary<RedisKey, string>();

    /// <summary>Reads who holds the keys that the steps ask for, and frees the keys of holders that hold no longer.</summary>
    internal async Task<IReadOnlyDictionary<RedisKey, string>> ReadHoldersAsync(PartitionKeys keys, IEnumerable<JobStep> steps)
    {
        var wanted = steps.Where(step => step.Unique is { Action: UniqueAction.Take }).Select(step => keys.Unique(step.Unique!)).Distinct().ToArray();
        if (wanted.Length == 0)
        {
            return Nobody;
        }

        var held = await caller.CallAsync(database => database.StringGetAsync(wanted, CommandFlags.DemandMaster));
        var holders = wanted.Zip(held).Where(pair => !pair.Second.IsNull).Select(pair => (Key: pair.First, Parts: pair.Second.ToString().Split('|'))).ToArray();
        foreach (var chunk in holders.Where(holder => holder.Parts is [_, not ReleasedMark]).Chunk(MaxPairs))
        {
            RedisKey[] scriptKeys = [keys.Running, .. chunk.SelectMany(holder => (RedisKey[])[holder.Key, keys.Record(holder.Parts[0])])];
            RedisValue[] arguments = [timeProvider.GetUtcNow().ToUnixTimeMilliseconds(), .. chunk.Select(holder => (RedisValue)holder.Parts[0])];
            await caller.RunAsync(caller.Scripts.Unhold, scriptKeys, arguments);
        }

        return holders.ToDictionary(holder => holder.Key, holder => holder.Parts[0]);
    }
}
