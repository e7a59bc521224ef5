using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Krewe.Hosting;

/// <summary>Tells that the port of HTTP is taken, before the silo has started for nothing.</summary>
internal static class HttpPorts
{
    /// <summary>Tries the ports of the URLs.</summary>
    /// <exception cref="SiloStartException">One is in use.</exception>
    public static void RequireFree(IReadOnlyList<string> urls)
    {
        foreach (var url in urls)
        {
            var address = BindingAddress.Parse(url);
            if (address.IsUnixPipe || address.Port == 0)
            {
                continue;
            }

            if (!PortClaim.IsFree(AddressOf(address.Host), address.Port))
            {
                throw InUse(url, address.Port);
            }
        }
    }

    /// <summary>The same sentence for a port that was taken between the look and the start; null for any other problem.</summary>
    public static SiloStartException? Explain(Exception exception, IReadOnlyList<string> urls) =>
        exception is IOException { InnerException: AddressInUseException } or AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
            ? InUse(string.Join(';', urls), BindingAddress.Parse(urls[0]).Port)
            : null;

    private static SiloStartException InUse(string url, int port) =>
        new($"Port {port} is in use, so {url} cannot be served; stop the process that has it, or give another with --urls.");

    // A host name, * and + are bound to every address.
    private static IPAddress AddressOf(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        ? IPAddress.Loopback
        : IPAddress.TryParse(host, out var address) ? address : IPAddress.Any;
}
