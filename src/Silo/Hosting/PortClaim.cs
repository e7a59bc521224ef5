using System.Net;
using System.Net.Sockets;

namespace Krewe.Hosting;

/// <summary>A port that this process has chosen, kept from other silos of this machine until they see it in use.</summary>
/// <remarks>Two silos that start together would both find 11111 free and one would fail; a file lock per port, held for the life of the process, settles who has it.</remarks>
internal sealed class PortClaim : IDisposable
{
    private readonly FileStream? _lock;

    private PortClaim(int port, FileStream? @lock) => (Port, _lock) = (port, @lock);

    public int Port { get; }

    /// <summary>Claims a port.</summary>
    /// <param name="address">Where it will be bound.</param>
    /// <param name="wanted">A port that was asked for, which must be free; null: the first free one.</param>
    /// <param name="first">Where the search begins, when none was asked for.</param>
    /// <param name="flag">For the sentence that refuses, such as <c>--silo-port</c>.</param>
    /// <exception cref="SiloStartException">The port that was asked for is in use, or none is free, or the address is not this machine's.</exception>
    public static PortClaim Take(IPAddress address, int? wanted, int first, string flag)
    {
        if (wanted is { } port)
        {
            return IsFree(address, port)
                ? new(port, null)
                : throw new SiloStartException($"Port {port} of {address} is in use; stop the process that has it, or give another {flag}.");
        }

        for (var candidate = first; candidate < first + 1_000; candidate++)
        {
            if (Lock(candidate) is not { } held)
            {
                continue;
            }

            if (IsFree(address, candidate))
            {
                return new(candidate, held);
            }

            held.Dispose();
        }

        throw new SiloStartException($"No port of {first}..{first + 999} is free on {address}; give {flag}.");
    }

    /// <summary>Whether a port can be bound now.</summary>
    /// <exception cref="SiloStartException">The address is not this machine's.</exception>
    public static bool IsFree(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            throw new SiloStartException($"{address} is not an address of this machine; give one that is, such as 127.0.0.1.");
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new SiloStartException($"Port {port} of {address} may not be bound by this user; give one above 1023.");
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _lock?.Dispose();

    private static FileStream? Lock(int port)
    {
        try
        {
            return new FileStream(Path.Combine(Path.GetTempPath(), $"krewe-port-{port}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
