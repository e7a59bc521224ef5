using System.Globalization;
using Krewe.Queues;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>The keys of one partition. They share a hash tag, so that one script may touch all of them on Redis Cluster too.</summary>
internal sealed class PartitionKeys
{
    internal const int LaneCount = 10;
    private readonly string _prefix;
    private readonly byte[] _recordPrefix;

    internal PartitionKeys(string prefix, PartitionKey key)
    {
        _prefix = string.Create(CultureInfo.InvariantCulture, $"{prefix}{{{key.Queue}/{key.Partition}}}:");
        _recordPrefix = System.Text.Encoding.UTF8.GetBytes(_prefix + "j:");
        Key = key;
        Meta = _prefix + "meta";
        Running = _prefix + "running";
        Due = _prefix + "due";
        Expiry = _prefix + "expiry";
        Parked = _prefix + "parked";
        ParkedNames = _prefix + "parked:names";
        ParkedOrder = _prefix + "parked:order";
        Dead = _prefix + "dead";
        Done = _prefix + "done";
        DeadEnds = _prefix + "dead:ends";
        DoneEnds = _prefix + "done:ends";
        Lanes = [.. Enumerable.Range(0, LaneCount).Select(lane => (RedisKey)string.Create(CultureInfo.InvariantCulture, $"{_prefix}l:{lane}"))];
    }

    internal PartitionKey Key { get; }

    /// <summary>What <c>Scripts/commit.lua</c> is told before the records.</summary>
    internal RedisKey[] OfCommit => field ??= [Meta, Running, Due, Expiry, Parked, ParkedNames, ParkedOrder, Dead, Done, .. Lanes, DeadEnds, DoneEnds];

    /// <summary>What <c>Scripts/add.lua</c> is told before the records.</summary>
    internal RedisKey[] OfAdd => field ??= [Meta, Running, .. Lanes];

    internal RedisKey Meta { get; }

    internal RedisKey Running { get; }

    internal RedisKey Due { get; }

    internal RedisKey Expiry { get; }

    internal RedisKey Parked { get; }

    internal RedisKey ParkedNames { get; }

    internal RedisKey ParkedOrder { get; }

    internal RedisKey Dead { get; }

    /// <summary>Finished jobs that are listed.</summary>
    internal RedisKey Done { get; }

    /// <summary>When dead letters go.</summary>
    internal RedisKey DeadEnds { get; }

    /// <summary>When listed finished jobs go.</summary>
    internal RedisKey DoneEnds { get; }

    internal IReadOnlyList<RedisKey> Lanes { get; }

    /// <summary>How many bytes precede the id in a record's key; queue names and ids are ASCII, a prefix may be anything.</summary>
    internal int RecordPrefixBytes => _recordPrefix.Length;

    /// <summary>The prefix is shared, not copied: most keys of a call are records'.</summary>
    internal RedisKey Record(string id) => ((RedisKey)id).Prepend(_recordPrefix);

    internal RedisKey Unique(UniqueHold unique) => $"{_prefix}u:{unique.JobName}:{unique.Key}";
}
