using System.Diagnostics;

namespace Krewe.Testing.Processes;

/// <summary>A process whose lines are read as they come. Killed when it is disposed of, and when this process ends.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
    }

    internal int Id { get; }

    /// <summary>Ends with its exit code when it has ended and its last lines were read.</summary>
    internal Task<int> Exited => _exited.Task;

    internal bool HasExited => _process.HasExited;

    /// <summary>Starts it. <see cref="Read"/> must follow.</summary>
    internal static ChildProcess Start(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError, start.UseShellExecute) = (true, true, false);
        return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start."));
    }

    /// <summary>Reads its lines from the first one on.</summary>
    /// <param name="output">Told of each line of its standard output; at the same time as <paramref name="error"/> may be.</param>
    /// <param name="error">Told of each line of its standard error.</param>
    internal void Read(Action<string> output, Action<string> error)
    {
        _process.OutputDataReceived += (_, line) => Tell(output, line.Data);
        _process.ErrorDataReceived += (_, line) => Tell(error, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _ = WatchAsync();
    }

    /// <summary>Ends it as a power cut would (<c>kill -9</c>); does nothing when it has ended.</summary>
    internal void Kill() => _process.Kill();

    internal void Send(Signal signal) => Signals.Send(Id, signal);

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        Kill();
        await Exited;
        _process.Dispose();
    }

    private static void Tell(Action<string> whom, string? line)
    {
        if (line is not null)
        {
            whom(line);
        }
    }

    private async Task WatchAsync()
    {
        await _process.WaitForExitAsync(); // Its last lines have been read then, too.
        _exited.SetResult(_process.ExitCode);
    }

    private void KillAtExit(object? sender, EventArgs e) => Kill();
}
