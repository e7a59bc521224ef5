using Microsoft.Extensions.Logging;

namespace Krewe.Queues;

internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Debug, "Partition {Partition} opened at epoch {Epoch}: {Ready} ready, {Running} running, {Due} due")]
    internal static partial void PartitionOpened(ILogger logger, PartitionKey partition, long epoch, long ready, long running, long due);

    [LoggerMessage(1001, LogLevel.Warning, "Partition {Partition} gave up epoch {Epoch} and will be read anew: {Reason}")]
    internal static partial void PartitionClosed(ILogger logger, PartitionKey partition, long epoch, string reason);

    [LoggerMessage(1002, LogLevel.Error, "The record of job {JobId} cannot be read and becomes a dead letter, its bytes are kept: {Reason}")]
    internal static partial void RecordUnreadable(ILogger logger, string jobId, string reason);

    [LoggerMessage(1003, LogLevel.Warning, "Attempt {Attempt} of job {JobId} ({JobName}) failed with {ErrorType} and is tried again at {DueAt:O}")]
    internal static partial void JobRetried(ILogger logger, string jobId, string jobName, int attempt, DateTimeOffset dueAt, string errorType);

    [LoggerMessage(1004, LogLevel.Error, "Job {JobId} ({JobName}) is a dead letter: {Reason} Last error: {ErrorType}")]
    internal static partial void JobFailed(ILogger logger, string jobId, string jobName, string reason, string errorType);

    [LoggerMessage(1005, LogLevel.Warning, "No live worker of queue {Queue} handles jobs named {JobName}; they wait, parked, until one does")]
    internal static partial void NameParked(ILogger logger, string jobName, string queue);

    [LoggerMessage(1006, LogLevel.Warning, "Upkeep of partition {Partition} failed and is tried again: {Reason}")]
    internal static partial void UpkeepFailed(ILogger logger, PartitionKey partition, string reason);
}
