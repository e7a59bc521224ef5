using Krewe.Queues;
using Microsoft.Extensions.Logging;

namespace Krewe.Dispatch;

internal static partial class Log
{
    [LoggerMessage(1100, LogLevel.Error, "The record of job {JobId} cannot be read and becomes a dead letter, its bytes are kept: {Reason}")]
    internal static partial void RecordUnreadable(ILogger logger, string jobId, string reason);

    [LoggerMessage(1101, LogLevel.Warning, "A late outcome of job {JobId} was dropped: its claim {Token} is void")]
    internal static partial void OutcomeFenced(ILogger logger, string jobId, string token);

    [LoggerMessage(1102, LogLevel.Warning, "{Count} jobs of partition {Partition} go round again: their silo {Silo} died")]
    internal static partial void ClaimsRescued(ILogger logger, int count, PartitionKey partition, string silo);

    [LoggerMessage(1103, LogLevel.Error, "Partition {Partition} holds a claim of another cluster, {ClusterId} (silo {Silo}); end that cluster or release the claim, nothing is taken from it by itself")]
    internal static partial void ClaimForeign(ILogger logger, PartitionKey partition, string clusterId, string silo);

    [LoggerMessage(1104, LogLevel.Warning, "Partition {Partition} does not answer this worker and is asked again: {Reason}")]
    internal static partial void ClaimFailed(ILogger logger, PartitionKey partition, string reason);

    [LoggerMessage(1105, LogLevel.Warning, "{Count} outcomes wait to be recorded at partition {Partition}: {Reason}")]
    internal static partial void OutcomesWait(ILogger logger, int count, PartitionKey partition, string reason);

    [LoggerMessage(1106, LogLevel.Information, "Draining: {Running} jobs run, they have {Drain} to end")]
    internal static partial void DrainStarted(ILogger logger, int running, TimeSpan drain);

    [LoggerMessage(1107, LogLevel.Information, "Drained: {Left} handlers have not ended")]
    internal static partial void DrainEnded(ILogger logger, int left);

    [LoggerMessage(1108, LogLevel.Error, "This worker has {Zombies} abandoned handlers, more than Krewe:MaxZombies, and takes nothing until some end; restart the silo if they never do")]
    internal static partial void TooManyZombies(ILogger logger, int zombies);

    [LoggerMessage(1109, LogLevel.Warning, "Upkeep of the catalogue failed and is tried again: {Reason}")]
    internal static partial void CatalogueFailed(ILogger logger, string reason);

    [LoggerMessage(1110, LogLevel.Warning, "Job {JobId} could not be started here and is handed back: {Reason}")]
    internal static partial void StartFailed(ILogger logger, string jobId, string reason);
}
