using Microsoft.Extensions.Logging;

namespace Krewe.Storage.Redis;

internal static partial class Log
{
    [LoggerMessage(1800, LogLevel.Information, "Connected to Redis {Version} at {Endpoint}.")]
    internal static partial void Connected(this ILogger logger, string version, string endpoint);

    [LoggerMessage(1801, LogLevel.Warning, "Redis at {Endpoint} does not answer; trying again for {Left}: {Reason}")]
    internal static partial void StillAway(this ILogger logger, string endpoint, string left, string reason);

    [LoggerMessage(1802, LogLevel.Warning, "JOBS CAN BE LOST: Redis at {Endpoint} has maxmemory-policy {Policy}, expected noeviction; a full Redis would drop queued jobs and the cluster's membership. Set maxmemory-policy noeviction.")]
    internal static partial void WouldEvict(this ILogger logger, string endpoint, string policy);

    [LoggerMessage(1803, LogLevel.Warning, "JOBS CAN BE LOST: Redis at {Endpoint} keeps no append-only file, so a restart takes acknowledged jobs with it. Set appendonly yes.")]
    internal static partial void NotPersistent(this ILogger logger, string endpoint);

    [LoggerMessage(1804, LogLevel.Warning, "Redis at {Endpoint} does not tell its settings ({Reason}); it could not be checked that maxmemory-policy is noeviction and appendonly is yes.")]
    internal static partial void NotChecked(this ILogger logger, string endpoint, string reason);

    [LoggerMessage(1805, LogLevel.Information, "Redis had forgotten script {Script}; it was sent again.")]
    internal static partial void ScriptSentAgain(this ILogger logger, string script);

    [LoggerMessage(1806, LogLevel.Warning, "{Count} leftover entries of {Key} were removed; their jobs lie elsewhere or are gone.")]
    internal static partial void LeftoversRemoved(this ILogger logger, int count, string key);

    [LoggerMessage(1807, LogLevel.Debug, "The {Count} entries of {Key} were added again, so that removed ones keep no memory.")]
    internal static partial void LaneCompacted(this ILogger logger, string key, long count);

    [LoggerMessage(1808, LogLevel.Information, "Flow {Id} is stored, but the catalogue does not say yet that it is not open ({Reason}); upkeep puts that right.")]
    internal static partial void FlowNotSettled(this ILogger logger, string id, string reason);
}
