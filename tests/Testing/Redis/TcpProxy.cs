using System.Net;
using System.Net.Sockets;

namespace Krewe.Testing.Redis;

/// <summary>A way to a server that can be cut: a loopback port whose connections go on to the server until <see cref="Cut"/>.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _cut = new();
    private readonly RedisServer _server;

    private TcpProxy(RedisServer server) => _server = server;

    /// <summary>What connects by this way.</summary>
    public string ConnectionString => _server.ConnectionString.Replace(_server.Endpoint, _listener.LocalEndpoint.ToString(), StringComparison.Ordinal);

    /// <summary>Opens a way to a server.</summary>
    public static TcpProxy To(RedisServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        var proxy = new TcpProxy(server);
        proxy._listener.Start();
        _ = proxy.AcceptAsync();
        return proxy;
    }

    /// <summary>Ends every connection and takes no more, as a firewall would.</summary>
    public void Cut()
    {
        _cut.Cancel();
        _listener.Stop();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        Cut();
        _listener.Dispose();
        _cut.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ForwardAsync(await _listener.AcceptTcpClientAsync(_cut.Token), _cut.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private async Task ForwardAsync(TcpClient client, CancellationToken cut)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            (near.NoDelay, far.NoDelay) = (true, true);
            await far.ConnectAsync(_server.Host, _server.Port, cut);
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream(), cut), far.GetStream().CopyToAsync(near.GetStream(), cut));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
            // Cut, or one end has gone.
        }
    }
}
