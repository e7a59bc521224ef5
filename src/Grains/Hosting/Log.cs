using Microsoft.Extensions.Logging;

namespace Krewe.Hosting;

internal static partial class Log
{
    [LoggerMessage(1500, LogLevel.Information, "Krewe runs on {Store} with {Handlers} job names")]
    internal static partial void Started(ILogger logger, string store, int handlers);
}
