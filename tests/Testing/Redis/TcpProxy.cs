using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Krewe.Testing.Redis;

/// <summary>A way to a server that can be cut: a loopback port whose connections go on to the server until <see cref="Cut"/>, or until an answer is lost on purpose.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly RedisServer _server;
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private CancellationTokenSource _cut = new();
    private IPEndPoint? _endpoint;
    private LostAnswer? _toLose;

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

    /// <summary>Lets the next command with this text in it through to the server, and ends its connection instead of bringing the answer.</summary>
    /// <param name="text">What is in the command.</param>
    /// <param name="cuts">Whether the whole way is cut then, so that nobody asks again.</param>
    /// <returns>Completes when that has happened.</returns>
    public Task LoseAnswerTo(string text, bool cuts = false)
    {
        var lost = new LostAnswer(Encoding.UTF8.GetBytes(text), cuts, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _toLose = lost;
        return lost.Happened.Task;
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
            var (ask, answer, losing) = (near.GetStream(), far.GetStream(), new Losing());
            await Task.WhenAny(AskAsync(ask, answer, losing, cut), AnswerAsync(answer, ask, losing, cut));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
            // Cut, or one end has gone.
        }
    }

    private async Task AskAsync(NetworkStream near, NetworkStream far, Losing losing, CancellationToken cut)
    {
        var buffer = new byte[BufferBytes];
        while (await near.ReadAsync(buffer, cut) is > 0 and var length)
        {
            if (_toLose is { } toLose && buffer.AsSpan(0, length).IndexOf(toLose.Text) >= 0 && Interlocked.CompareExchange(ref _toLose, null, toLose) == toLose)
            {
                losing.Answer = toLose;
            }

            await far.WriteAsync(buffer.AsMemory(0, length), cut);
        }
    }

    private async Task AnswerAsync(NetworkStream far, NetworkStream near, Losing losing, CancellationToken cut)
    {
        var buffer = new byte[BufferBytes];
        while (await far.ReadAsync(buffer, cut) is > 0 and var length)
        {
            if (losing.Answer is { } lost)
            {
                if (lost.Cuts)
                {
                    Cut();
                }

                lost.Happened.SetResult();
                return;
            }

            await near.WriteAsync(buffer.AsMemory(0, length), cut);
        }
    }

    private sealed record LostAnswer(byte[] Text, bool Cuts, TaskCompletionSource Happened);

    /// <summary>The answer that a connection must not bring, once its command has passed.</summary>
    private sealed class Losing
    {
        public volatile LostAnswer? Answer;
    }
}
