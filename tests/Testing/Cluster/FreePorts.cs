using System.Net;
using System.Net.Sockets;

namespace Krewe.Testing.Cluster;

/// <summary>Ports of this machine that nobody listens on, each given once.</summary>
internal static class FreePorts
{
    private static readonly HashSet<int> Given = [];

    internal static int Next()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            lock (Given)
            {
                if (Given.Add(port))
                {
                    return port;
                }
            }
        }
    }
}
