using System.Net;
using System.Net.Sockets;

namespace Krewe.Testing.Redis;

/// <summary>A way to a server that can be cut: a loopback port whose connections go on to the server until <see cref="Cut"/>.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly RedisServer _server;
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private CancellationTokenSource _cut = new();
    private IPEndPoint? _endpoint;

    private TcpProxy(RedisServer server) => _server = server;

    /// <summary>What connects by this way.</summary>
    public string ConnectionString => _server.ConnectionString.Replace(_server.Endpoint, _endpoint!.ToString(), StringComparison.Ordinal);

    /// <summary>Opens a way to a server.</summary>
    public static TcpProxy To(RedisServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        var proxy = new TcpProxy(server);
        proxy.Open();
        return proxy;
    }

    /// <summary>Ends every connection and takes no more, as a firewall would.</summary>
    public void Cut()
    {
        _cut.Cancel();
        _listener.Stop();
    }

    /// <summary>Opens the way again, at the same port.</summary>
    public void Mend()
    {
        DisposeParts();
        (_listener, _cut) = (new TcpListener(_endpoint!), new CancellationTokenSource());
        Open();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        Cut();
        DisposeParts();
        return ValueTask.CompletedTask;
    }

    private void Open()
    {
        _listener.Start();
        _endpoint = (IPEndPoint)_listener.LocalEndpoint;
        _ = AcceptAsync(_listener, _cut.Token);
    }

    private void DisposeParts()
    {
        _listener.Dispose();
        _cut.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken cut)
    {
        try
        {
            while (true)
            {
                _ = ForwardAsync(await listener.AcceptTcpClientAsync(cut), cut);
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
