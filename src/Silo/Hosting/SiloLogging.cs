using Microsoft.Extensions.Logging.Console;

namespace Krewe.Hosting;

/// <summary>Logs to the console, one line each; warnings and Krewe's own information unless <c>--log-level</c> says otherwise.</summary>
internal static class SiloLogging
{
    public static void AddSiloLogging(this ILoggingBuilder logging, SiloFlags flags)
    {
        // Filters without a provider: the Orleans Dashboard adds one that is always on, so a console-only filter would let every debug entry be built.
        logging.ClearProviders();
        logging.SetMinimumLevel(flags.LogLevel ?? LogLevel.Warning);
        logging.AddFilter(null, flags.LogLevel ?? LogLevel.Warning);
        logging.AddFilter("Krewe", flags.LogLevel ?? (flags.Demo ? LogLevel.Error : LogLevel.Information));
        if (flags.LogLevel is null)
        {
            // At its first look it compares with a clock that began when the machine did, and warns of hours.
            logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);

            // The demo's dead letters are on purpose, and stand in its table.
            logging.AddFilter("Krewe.Queues.QueueGrain", flags.Demo ? LogLevel.Critical : LogLevel.Information);

            // Orleans writes its own housekeeping under the name of a grain service.
            logging.AddFilter("Krewe.Dispatch.WorkerService", LogLevel.Warning);
        }

        logging.AddConsole(options => options.FormatterName = OneLineFormatter.FormatterName)
            .AddConsoleFormatter<OneLineFormatter, ConsoleFormatterOptions>();
        logging.Services.AddSingleton(new StartPhase(flags.Urls));
    }
}
