using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Krewe.Hosting;

/// <summary>One line per entry, exceptions included: <c>2026-01-31T12:00:00.000Z warn Krewe.Dispatch.Worker: message | exception</c>.</summary>
/// <remarks>While the silo starts, an entry about a problem that the program is about to tell in a sentence of its own is left out.</remarks>
internal sealed class OneLineFormatter(TimeProvider time, StartPhase phase) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "krewe";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (phase.IsToldElsewhere(logEntry.Exception))
        {
            return;
        }

        textWriter.Write(time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
        textWriter.Write(Word(logEntry.LogLevel));
        textWriter.Write(logEntry.Category);
        textWriter.Write(": ");
        textWriter.Write(OneLine(logEntry.Formatter(logEntry.State, logEntry.Exception)));
        if (logEntry.Exception is { } exception)
        {
            textWriter.Write(" | ");
            textWriter.Write(OneLine(exception.ToString()));
        }

        textWriter.Write('\n');
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => " trce ",
        LogLevel.Debug => " dbug ",
        LogLevel.Information => " info ",
        LogLevel.Warning => " warn ",
        LogLevel.Error => " fail ",
        _ => " crit ",
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}

/// <summary>Whether the silo is still starting, and which problems its program will tell by itself.</summary>
internal sealed class StartPhase(IReadOnlyList<string> urls)
{
    private volatile bool _isOver;

    public void End() => _isOver = true;

    public bool IsToldElsewhere(Exception? exception) => !_isOver && exception is not null && StartErrors.Find(exception, urls) is not null;
}
