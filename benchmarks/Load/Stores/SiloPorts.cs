using System.Net;
using System.Net.Sockets;

namespace Krewe.Load.Stores;

/// <summary>The two ports of a silo, on loopback.</summary>
internal readonly record struct SiloPorts(int Silo, int Gateway)
{
    internal static SiloPorts Free()
    {
        // Both are held until both are known, so that they differ.
        using var silo = Listen();
        using var gateway = Listen();
        return new(Port(silo), Port(gateway));
    }

    /// <summary>A loopback port that was free a moment ago.</summary>
    internal static int FreePort()
    {
        using var listener = Listen();
        return Port(listener);
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
