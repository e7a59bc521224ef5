using Microsoft.Extensions.Logging;

namespace Krewe.Storage.Sqlite;

/// <summary>Event ids 1900 to 1999.</summary>
internal static partial class Log
{
    [LoggerMessage(1900, LogLevel.Information, "Data file {Path} is open.")]
    internal static partial void Opened(ILogger logger, string path);

    [LoggerMessage(1901, LogLevel.Warning, "A transaction of {Count} writes failed; each is tried alone.")]
    internal static partial void GroupSplit(ILogger logger, int count, Exception exception);

    [LoggerMessage(1902, LogLevel.Warning, "The write-ahead log of data file {Path} could not be folded in at closing; the next start does it.")]
    internal static partial void CheckpointFailed(ILogger logger, string path, Exception exception);
}
