using Microsoft.Extensions.Logging;

namespace Krewe.Testing.Events;

/// <summary>Collects what a host logs, one line each: level, category, text, exception. Remembers everything, so a line that came first is found too.</summary>
public sealed class LogLines : ILoggerProvider
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = NewSignal();

    /// <summary>Everything so far, in order.</summary>
    public IReadOnlyCollection<string> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Waits for a line with a text in it.</summary>
    /// <exception cref="TimeoutException">It did not come in time; the message has the last lines that did.</exception>
    public async Task<string> Until(string text)
    {
        using var timeout = new CancellationTokenSource(Some.Timeout);
        for (var seen = 0; ;)
        {
            Task more;
            lock (_gate)
            {
                var found = _lines.FindIndex(seen, line => line.Contains(text, StringComparison.Ordinal));
                if (found >= 0)
                {
                    return _lines[found];
                }

                (seen, more) = (_lines.Count, _more.Task);
            }

            try
            {
                await more.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Expected a line with '{text}' within {Some.Timeout}, the last ones were:{Environment.NewLine}{string.Join(Environment.NewLine, All.TakeLast(20))}");
            }
        }
    }

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    /// <inheritdoc />
    public void Dispose()
    {
        // The lines outlive the host, so that a test can read what it logged while it stopped.
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Add(string line)
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            _lines.Add(line);
            (more, _more) = (_more, NewSignal());
        }

        more.SetResult();
    }

    private sealed class Writer(LogLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            ArgumentNullException.ThrowIfNull(formatter);
            lines.Add($"{logLevel} {category}: {formatter(state, exception)} {exception}");
        }
    }
}
