using Microsoft.Extensions.Logging;

namespace Krewe.Execution;

/// <summary>What running handlers say in the log; ids 1200 to 1299.</summary>
internal static partial class Log
{
    [LoggerMessage(1200, LogLevel.Debug, "Attempt {Attempt} at {JobName} {JobId} ended: {Outcome}.")]
    internal static partial void AttemptEnded(this ILogger logger, int attempt, string jobName, string jobId, OutcomeKind outcome);

    [LoggerMessage(1201, LogLevel.Warning, "The handler of {JobName} {JobId} was abandoned ({Outcome}) and still runs; {Zombies} abandoned handlers on this silo.")]
    internal static partial void HandlerAbandoned(this ILogger logger, string jobName, string jobId, OutcomeKind outcome, int zombies);

    [LoggerMessage(1202, LogLevel.Information, "The abandoned handler of {JobId} ({JobName}) ended after {Elapsed}; {Zombies} abandoned handlers are left on this silo.")]
    internal static partial void ZombieEnded(this ILogger logger, string jobId, string jobName, TimeSpan elapsed, int zombies);

    [LoggerMessage(1203, LogLevel.Warning, "Disposing what the attempt at {JobName} {JobId} had used failed; its outcome stands.")]
    internal static partial void DisposalFailed(this ILogger logger, Exception exception, string jobName, string jobId);

    [LoggerMessage(1204, LogLevel.Warning, "Types of {Assembly} were skipped in the search for handlers: {Reasons} Handlers among them will not run here; put the missing assemblies beside it.")]
    internal static partial void TypesSkipped(this ILogger logger, string assembly, string reasons);

    [LoggerMessage(1205, LogLevel.Error, "The attempt at {JobName} {JobId} could not be carried out.")]
    internal static partial void AttemptBroke(this ILogger logger, Exception exception, string jobName, string jobId);

    [LoggerMessage(1206, LogLevel.Warning, "Handlers hold all threads of the pool ({Running} handlers run): it may make more at once, one per running handler at most. Handlers that wait should await.")]
    internal static partial void PoolStalled(this ILogger logger, int running);
}
