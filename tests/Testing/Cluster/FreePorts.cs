using System.Net;
using System.Net.Sockets;

namespace Krewe.Testing.Cluster;

/// <summary>Ports of this machine that nobody listens on, each given once by this process.</summary>
/// <remarks>Below those that a system gives to whoever asks for any, so that nobody takes one between the choice and its use; processes side by side begin at places of their own.</remarks>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int Count = 10_000;

    /// <summary>Places of processes with neighbouring ids are far apart.</summary>
    private const int Stride = 397;

    private static int _given = Environment.ProcessId % Count * Stride;

    internal static int Next()
    {
        while (true)
        {
            var port = First + (Interlocked.Increment(ref _given) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it: the next one.
            }
        }
    }
}
