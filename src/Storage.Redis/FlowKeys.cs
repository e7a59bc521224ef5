using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>The keys of one flow. They share a hash tag, so that one script may touch all of them on Redis Cluster too; no queue's name holds a colon.</summary>
internal readonly struct FlowKeys(string prefix, string id)
{
    /// <summary>created (ticks), open, ttl (ticks), summary, opening.</summary>
    internal RedisKey Head { get; } = prefix + "{flow:" + id + "}:head";

    /// <summary>The entries.</summary>
    internal RedisKey Log { get; } = prefix + "{flow:" + id + "}:log";

    /// <summary>The last opening that was settled, of a flow that is gone; for a minute.</summary>
    internal RedisKey Fence { get; } = prefix + "{flow:" + id + "}:fence";
}
