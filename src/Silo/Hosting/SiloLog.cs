namespace Krewe.Hosting;

/// <summary>What the program itself has to say. Event ids 2000 and on.</summary>
internal static partial class SiloLog
{
    [LoggerMessage(2000, LogLevel.Information, "Serving {Urls}; jobs are kept in {Store}; silo port {SiloPort}, gateway port {GatewayPort} on {Address}.")]
    public static partial void Ready(ILogger logger, string urls, string store, int siloPort, int gatewayPort, string address);

    [LoggerMessage(2001, LogLevel.Warning, "{Urls} is open to other machines without any key, as --allow-anonymous says: anyone who reaches it can run jobs.")]
    public static partial void Open(ILogger logger, string urls);

    [LoggerMessage(2002, LogLevel.Warning, "A second signal came: leaving at once. What still runs is handed on.")]
    public static partial void Leaving(ILogger logger);
}
