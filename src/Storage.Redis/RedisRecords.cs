using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Reads records by id, in calls of at most 256 records and 1 MiB.</summary>
internal sealed class RedisRecords(RedisCaller caller)
{
    private const int MaxRecords = 256;
    private const long MaxCallBytes = 1024 * 1024;

    /// <summary>Reads records in order, at least one, and no more than <paramref name="maxBytes"/> of them beyond the first.</summary>
    /// <returns>As many as fit: as long as <paramref name="ids"/>, or shorter.</returns>
    internal async Task<List<StoredRecord>> ReadAsync(PartitionKeys keys, IReadOnlyList<string> ids, long maxBytes = long.MaxValue)
    {
        var records = new List<StoredRecord>(ids.Count);
        var left = maxBytes;
        while (records.Count < ids.Count && left > 0)
        {
            var before = records.Count;
            var result = await caller.RunAsync(caller.Scripts.Records, Keys(keys, ids, before), keys.RecordPrefixBytes, Math.Min(left, MaxCallBytes));
            for (var i = 0; i < result.Length; i += 2)
            {
                var record = new StoredRecord(ids[before + (i / 2)], (byte[]?)result[i], (byte[]?)result[i + 1]);
                left -= record.Bytes?.Length ?? 0;
                records.Add(record);
            }
        }

        return records;
    }

    private static RedisKey[] Keys(PartitionKeys keys, IReadOnlyList<string> ids, int from) =>
        [keys.Running, .. ids.Skip(from).Take(MaxRecords).Select(keys.Record)];
}
