using Microsoft.Extensions.Logging;

namespace Krewe.Schedules;

internal static partial class Log
{
    [LoggerMessage(1600, LogLevel.Debug, "Schedule {ScheduleId} fired for {Due}: {JobId}")]
    internal static partial void Fired(ILogger logger, string scheduleId, DateTimeOffset due, string? jobId);

    [LoggerMessage(1601, LogLevel.Warning, "Schedule {ScheduleId} missed {Count} occurrences from {Due} on: {Reason}")]
    internal static partial void Missed(ILogger logger, string scheduleId, long count, DateTimeOffset due, string? reason);

    [LoggerMessage(1602, LogLevel.Warning, "Schedule {ScheduleId} skipped its occurrence of {Due}: {Reason}")]
    internal static partial void Skipped(ILogger logger, string scheduleId, DateTimeOffset due, string? reason);

    [LoggerMessage(1603, LogLevel.Warning, "Schedule {ScheduleId} could not go on and tries again: {Reason}")]
    internal static partial void Delayed(ILogger logger, string scheduleId, string reason);

    [LoggerMessage(1604, LogLevel.Warning, "Schedule {ScheduleId} is not as code or configuration says: an operator's change (revision {Revision}) stays in force; reset it to take the change back")]
    internal static partial void Overridden(ILogger logger, string scheduleId, int revision);

    [LoggerMessage(1605, LogLevel.Warning, "Schedule {ScheduleId} could not be woken and is woken again: {Reason}")]
    internal static partial void WakeFailed(ILogger logger, string scheduleId, string reason);

    [LoggerMessage(1606, LogLevel.Warning, "The schedules could not be looked after and are again in two seconds: {Reason}")]
    internal static partial void SweepFailed(ILogger logger, string reason);

    [LoggerMessage(1607, LogLevel.Error, "Schedule {ScheduleId} of this silo cannot be declared, which is tried again: {Reason}")]
    internal static partial void NotSown(ILogger logger, string scheduleId, string reason);
}
