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

    [LoggerMessage(1111, LogLevel.Warning, "The culprit of {Count} lost deliveries is found, but only this silo knows it; other suspects run one at a time for longer: {Reason}")]
    internal static partial void LossesNotStored(ILogger logger, int count, string reason);

    [LoggerMessage(1112, LogLevel.Warning, "Which lost deliveries were cleared is not known and asked again: {Reason}")]
    internal static partial void LossesNotKnown(ILogger logger, string reason);

    [LoggerMessage(1113, LogLevel.Information, "{Moved} partitions moved to silos that stay, {Left} are still here")]
    internal static partial void OwnersMoved(ILogger logger, int moved, int left);

    [LoggerMessage(1114, LogLevel.Warning, "Silo {Peer} was not told that this one leaves and may place partitions here: {Reason}")]
    internal static partial void LeaveNotTold(ILogger logger, SiloAddress peer, string reason);

    [LoggerMessage(1115, LogLevel.Error, "The store has not answered this silo for {Failing}, and answers others: the silo gives up its partitions and leaves when its {Running} handlers have ended; check its way to the store")]
    internal static partial void StoreLostHere(ILogger logger, TimeSpan failing, int running);

    [LoggerMessage(1116, LogLevel.Error, "The store has not answered this silo for {Failing}, nor any other that could be asked: nobody leaves")]
    internal static partial void StoreLostEverywhere(ILogger logger, TimeSpan failing);

    [LoggerMessage(1117, LogLevel.Warning, "Leaving, because the store is lost to this silo: {Running} handlers have not ended")]
    internal static partial void LeavingWithoutStore(ILogger logger, int running);

    [LoggerMessage(1118, LogLevel.Warning, "The membership table was not read and is looked at again: {Reason}")]
    internal static partial void MembershipNotRead(ILogger logger, string reason);

    [LoggerMessage(1119, LogLevel.Error, "The membership table lost this silo's row; the {Count} rows that were read last are put back. Keep it in a Redis that persists and does not evict")]
    internal static partial void MembershipLost(ILogger logger, int count);

    [LoggerMessage(1120, LogLevel.Warning, "The membership table is restored: {Count} rows at version {Version}")]
    internal static partial void MembershipRestored(ILogger logger, int count, int version);

    [LoggerMessage(1121, LogLevel.Error, "The membership table could not be restored for {Patience}: this silo drains and leaves, so that no second cluster lives beside the one in the table")]
    internal static partial void MembershipNotRestored(ILogger logger, TimeSpan patience);

    [LoggerMessage(1122, LogLevel.Warning, "{Count} claims that the store had lost are put back in partition {Partition}: their handlers run here or on other silos. The store went back in time; on Redis keep AOF on and failovers in sync")]
    internal static partial void ClaimsPutBack(ILogger logger, int count, PartitionKey partition);

    [LoggerMessage(1123, LogLevel.Error, "The others declared this silo dead: its {Count} claims are theirs by now, it asks its handlers to end and leaves")]
    internal static partial void DeclaredDead(ILogger logger, int count);
}
