using Microsoft.Extensions.Logging;

namespace Krewe.Flows;

internal static partial class Log
{
    [LoggerMessage(1700, LogLevel.Error, "Member {JobId} of flow {FlowId} cannot be started ({Answer}) and counts as failed")]
    internal static partial void MemberNotStarted(ILogger logger, string jobId, string flowId, MemberAnswer answer);

    [LoggerMessage(1701, LogLevel.Warning, "Flow {FlowId} could not go on and tries again: {Reason}")]
    internal static partial void OwedLater(ILogger logger, string flowId, string reason);

    [LoggerMessage(1702, LogLevel.Warning, "{Count} ends of members could not be told to flow {FlowId}, which will ask for them: {Reason}")]
    internal static partial void NoticeDropped(ILogger logger, string flowId, int count, string reason);

    [LoggerMessage(1703, LogLevel.Warning, "Upkeep of flow {FlowId} failed and is tried again: {Reason}")]
    internal static partial void UpkeepFailed(ILogger logger, string flowId, string reason);

    [LoggerMessage(1704, LogLevel.Error, "Flow {FlowId} ended as {State}: {Error}")]
    internal static partial void FlowNotSucceeded(ILogger logger, string flowId, JobState state, string error);

    [LoggerMessage(1705, LogLevel.Warning, "Flow {FlowId} was sent nothing for {Minutes} minutes before it was complete, and is cancelled: its client is gone")]
    internal static partial void Unsealed(ILogger logger, string flowId, double minutes);

    [LoggerMessage(1707, LogLevel.Warning, "The open flows could not be listed and are listed again in 30 seconds: {Reason}")]
    internal static partial void CatalogueFailed(ILogger logger, string reason);

    [LoggerMessage(1706, LogLevel.Information, "Flow {FlowId} heard nothing of {Count} members and found in the store that they had ended")]
    internal static partial void EndsFound(ILogger logger, string flowId, int count);
}
