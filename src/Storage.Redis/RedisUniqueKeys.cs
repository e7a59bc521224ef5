using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Who holds a unique key.</summary>
/// <param name="Id">The last part of its id.</param>
/// <param name="HasEnded">Whether it ended without letting go, and so holds it no longer.</param>
internal readonly record struct UniqueHolder(string Id, bool HasEnded);

/// <summary>Looks up who holds the unique keys that a commit asks for.</summary>
/// <remarks>
/// A script may only touch keys that it was told, and whose record tells whether a holder has ended is not known before the key is read; hence calls ahead of
/// the commit. Nobody but the owner moves jobs, so nothing changes between them.
/// </remarks>
internal sealed class RedisUniqueKeys(RedisCaller caller, TimeProvider timeProvider)
{
    private const int MaxPairs = 128;
    private const string ReleasedMark = "r";
    internal static readonly IReadOnlyDictionary<RedisKey, UniqueHolder> Nobody = new Dictionary<RedisKey, UniqueHolder>();

    internal async Task<IReadOnlyDictionary<RedisKey, UniqueHolder>> ReadHoldersAsync(PartitionKeys keys, IEnumerable<JobStep> steps)
    {
        var wanted = steps.Where(step => step.Unique is { Action: UniqueAction.Take }).Select(step => keys.Unique(step.Unique!)).Distinct().ToArray();
        if (wanted.Length == 0)
        {
            return Nobody;
        }

        var held = await caller.CallAsync(database => database.StringGetAsync(wanted, CommandFlags.DemandMaster));
        var found = wanted.Zip(held).Where(pair => !pair.Second.IsNull).Select(pair => (Key: pair.First, Parts: pair.Second.ToString().Split('|'))).ToArray();
        var holders = found.ToDictionary(pair => pair.Key, pair => new UniqueHolder(pair.Parts[0], false));
        foreach (var chunk in found.Where(pair => pair.Parts is [_, not ReleasedMark]).Select(pair => (pair.Key, Id: pair.Parts[0])).Chunk(MaxPairs))
        {
            RedisKey[] scriptKeys = [keys.Running, .. chunk.SelectMany(pair => (RedisKey[])[pair.Key, keys.Record(pair.Id)])];
            RedisValue[] arguments = [timeProvider.GetUtcNow().ToUnixTimeMilliseconds(), .. chunk.Select(pair => (RedisValue)pair.Id)];
            var ended = (int[])(await caller.RunAsync(caller.Scripts.Holders, scriptKeys, arguments))!;
            for (var i = 0; i < chunk.Length; i++)
            {
                holders[chunk[i].Key] = new(chunk[i].Id, ended[i] == 1);
            }
        }

        return holders;
    }
}
