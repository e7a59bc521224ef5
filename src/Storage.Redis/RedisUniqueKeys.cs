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
    private const char ReleasedMark = 'r';

    internal async Task FreeAsync(PartitionKeys keys, IReadOnlyList<JobStep> steps)
    {
        var wanted = steps.Where(step => step.Unique is { Action: UniqueAction.Take }).Select(step => (step.Id, Key: keys.Unique(step.Unique!))).ToArray();
        if (wanted.Length == 0)
        {
            return;
        }

        var held = await caller.CallAsync(database => database.StringGetAsync(Array.ConvertAll(wanted, want => want.Key), CommandFlags.DemandMaster));
        var holders = wanted.Zip(held)
            .Where(pair => !pair.Second.IsNull)
            .Select(pair => (pair.First.Id, pair.First.Key, Parts: pair.Second.ToString().Split('|')))
            .Where(pair => pair.Parts is [var holder, not [ReleasedMark, ..]] && holder != pair.Id)
            .Select(pair => (pair.Key, Holder: pair.Parts[0]));
        foreach (var chunk in holders.Chunk(MaxPairs))
        {
            RedisKey[] scriptKeys = [keys.Running, .. chunk.SelectMany(pair => (RedisKey[])[pair.Key, keys.Record(pair.Holder)])];
            RedisValue[] arguments = [timeProvider.GetUtcNow().ToUnixTimeMilliseconds(), .. chunk.Select(pair => (RedisValue)pair.Holder)];
            await caller.RunAsync(caller.Scripts.Unhold, scriptKeys, arguments);
        }
    }
}
