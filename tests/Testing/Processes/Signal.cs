using System.Runtime.InteropServices;

namespace Krewe.Testing.Processes;

/// <summary>A POSIX signal that .NET has no name for.</summary>
internal enum Signal
{
    /// <summary>End in order.</summary>
    Terminate,

    /// <summary>Stand still.</summary>
    Stop,

    /// <summary>Go on.</summary>
    Continue,
}

/// <summary>Sends signals to processes.</summary>
internal static class Signals
{
    /// <exception cref="InvalidOperationException">There is no such process.</exception>
    internal static void Send(int processId, Signal signal)
    {
        if (Kill(processId, Number(signal)) != 0)
        {
            throw new InvalidOperationException($"{signal} did not reach process {processId}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    private static int Number(Signal signal) => signal switch
    {
        Signal.Stop => OperatingSystem.IsMacOS() ? 17 : 19,
        Signal.Continue => OperatingSystem.IsMacOS() ? 19 : 18,
        _ => 15,
    };

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
