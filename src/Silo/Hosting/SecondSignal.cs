using System.Runtime.InteropServices;

namespace Krewe.Hosting;

/// <summary>The first SIGTERM or SIGINT drains; the second one ends the process at once. What still ran then is handed on by the other silos, or by the next start.</summary>
internal sealed class SecondSignal : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action<int> _leave;
    private int _signals;

    /// <param name="leave">Ends the process with an exit code.</param>
    public SecondSignal(Action<int> leave)
    {
        _leave = leave;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, On), PosixSignalRegistration.Create(PosixSignal.SIGINT, On)];
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    // The host's own registration stops the application at the first signal; this one only counts.
    internal void On(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1)
        {
            _leave(context.Signal == PosixSignal.SIGINT ? 130 : 143);
        }
    }
}
