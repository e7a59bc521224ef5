using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Krewe.Testing.Events;

/// <summary>Collects what a host logs, one line each: level, category, text, exception.</summary>
public sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>Everything so far, in order.</summary>
    public IReadOnlyCollection<string> All => [.. _lines];

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => new Writer(_lines, categoryName);

    /// <inheritdoc />
    public void Dispose()
    {
        // The lines outlive the host, so that a test can read what it logged while it stopped.
    }

    private sealed class Writer(ConcurrentQueue<string> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            ArgumentNullException.ThrowIfNull(formatter);
            lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception}");
        }
    }
}
