using System.Globalization;
using System.Net;
using Krewe.Testing.Cluster;
using Krewe.Testing.Processes;
using Xunit;

namespace Krewe.Testing.Redis;

/// <summary>
/// A real Redis for one test class: a process of its own on a free loopback port with a folder of its own, or,
/// when <c>KREWE_TEST_REDIS</c> names one as <c>host:port</c>, a database of that server.
/// </summary>
/// <remarks>
/// Not safe for calls from several tests at once. A named server cannot be killed, stopped, paused or given settings: such
/// a test is skipped with the reason. Each start takes the next of its 16 databases and empties it.
/// </remarks>
public sealed class RedisServer : IAsyncDisposable
{
    private const string AddressVariable = "KREWE_TEST_REDIS";
    private const int DatabaseCount = 16;
    private const int StartTries = 5;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);
    private static int _databases;

    private readonly RedisServerOptions _options;
    private readonly string? _folder;
    private RedisProcess? _process;

    private RedisServer(RedisServerOptions options, string host, int port, string? folder, int database)
    {
        (_options, Host, Port, _folder, Database) = (options, host, port, folder, database);
    }

    /// <summary>Whether tests that need Redis cannot run here; <see cref="MissingReason"/> says why.</summary>
    public static bool IsMissing => ExternalAddress is null && RedisProcess.Binary is null;

    /// <summary>Why Redis is not available and what to do; for <c>Assert.SkipWhen(RedisServer.IsMissing, RedisServer.MissingReason)</c>.</summary>
    public static string MissingReason =>
        $"Redis is missing: expected redis-server (or valkey-server) 7 or newer on the PATH, found none; install redis-server, or set {AddressVariable}=host:port.";

    /// <summary>Whether the tests use the server that <c>KREWE_TEST_REDIS</c> names.</summary>
    public static bool IsExternal => ExternalAddress is not null;

    /// <summary>Why a test that handles the server's process cannot run; for <c>Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason)</c>.</summary>
    public static string ExternalReason =>
        $"The test starts, stops or configures its own Redis, got {AddressVariable}={ExternalAddress}; install redis-server and unset the variable.";

    /// <summary>The server's host.</summary>
    public string Host { get; }

    /// <summary>The server's port; the same after a restart.</summary>
    public int Port { get; }

    /// <summary>The database to use; 0 unless the server is a named one.</summary>
    public int Database { get; }

    /// <summary><c>host:port</c>.</summary>
    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>What StackExchange.Redis needs to connect, password and database included.</summary>
    public string ConnectionString =>
        Endpoint
        + (_options.Password is { } password ? $",password={password}" : "")
        + (Database > 0 ? string.Create(CultureInfo.InvariantCulture, $",defaultDatabase={Database}") : "");

    /// <summary>How it was started.</summary>
    internal RedisServerOptions Options => _options;

    /// <summary>The id of the server's process; null while it is stopped, and for a named server.</summary>
    public int? ProcessId => _process?.Id;

    private static string? ExternalAddress => Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } address ? address : null;

    /// <summary>Starts a server and waits until it answers; skips the calling test when there is none to start.</summary>
    /// <exception cref="InvalidOperationException">The server ended or did not answer within a minute; the message holds its output.</exception>
    public static async Task<RedisServer> StartAsync(RedisServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        Assert.SkipWhen(IsMissing, MissingReason);
        options ??= new RedisServerOptions();
        if (ExternalAddress is { } address)
        {
            return await AttachAsync(address, options, cancellationToken);
        }

        for (var tries = 1; ; tries++)
        {
            // Another process may take the free port before the server binds it: then another port is tried.
            var folder = Directory.CreateTempSubdirectory("krewe-redis-").FullName;
            var server = new RedisServer(options, IPAddress.Loopback.ToString(), FreePorts.Next(), folder, 0);
            try
            {
                await server.StartAgainAsync(cancellationToken);
                return server;
            }
            catch (Exception exception)
            {
                await server.DisposeAsync();
                if (exception is not InvalidOperationException || tries == StartTries)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Starts a stopped or killed server again, on the same port with the same data, and waits until it answers.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        SkipWhenExternal();
        if (_process is not null)
        {
            throw new InvalidOperationException($"Expected a stopped server, got process {_process.Id}; stop or kill it first.");
        }

        _process = RedisProcess.Start(Arguments());
        await WaitForAnswerAsync(_process, cancellationToken);
    }

    /// <summary>Ends the server as an operator would: what it holds is written first.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        SkipWhenExternal();
        await EndAsync(process => process.Send(Signal.Terminate), cancellationToken);
    }

    /// <summary>Ends the server as a power cut of its process would (<c>kill -9</c>).</summary>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        SkipWhenExternal();
        await EndAsync(process => process.Kill(), cancellationToken);
    }

    /// <summary>Kills the server and starts it again.</summary>
    public async Task KillAndStartAgainAsync(CancellationToken cancellationToken = default)
    {
        await KillAsync(cancellationToken);
        await StartAgainAsync(cancellationToken);
    }

    /// <summary>Where the server keeps its files.</summary>
    public string Folder
    {
        get
        {
            SkipWhenExternal();
            return _folder!;
        }
    }

    /// <summary>How much the server has written so far; for <see cref="ForgetAfter"/>.</summary>
    public long WrittenBytes => RedisLog.Of(Folder).Length;

    /// <summary>Forgets what a server that is not running has written beyond a length: it starts again in the past, as after a failover to a replica that was behind.</summary>
    /// <param name="writtenBytes">How much is left; a <see cref="WrittenBytes"/> of before.</param>
    public void ForgetAfter(long writtenBytes) => RedisLog.Of(Folder).CutAt(writtenBytes);

    /// <summary>Forgets the first write that holds all these words, and every later one. The server must not run.</summary>
    public void ForgetFrom(params string[] words)
    {
        var log = RedisLog.Of(Folder);
        log.CutAt(log.StartOf(words));
    }

    /// <summary>Kills the server and starts it again without the first write that holds all these words, nor any later one.</summary>
    public async Task GoBackBeforeAsync(params string[] words)
    {
        await KillAsync();
        ForgetFrom(words);
        await StartAgainAsync();
    }

    /// <summary>Freezes the server: connections stay open and nothing is answered until <see cref="Resume"/>.</summary>
    public void Pause()
    {
        SkipWhenExternal();
        Running().Send(Signal.Stop);
    }

    /// <summary>Lets a frozen server go on.</summary>
    public void Resume()
    {
        SkipWhenExternal();
        Running().Send(Signal.Continue);
    }

    /// <summary>Sends one command as a line of text, such as <c>CONFIG SET maxmemory 1mb</c>, and returns the raw answer (at most 64 KiB).</summary>
    public Task<string> SendAsync(string command, CancellationToken cancellationToken = default) =>
        RedisWire.SendAsync(Host, Port, Password(), [command], cancellationToken);

    /// <summary>Kills the server and deletes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync(process => process.Kill(), CancellationToken.None);
        if (_folder is not null && Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static async Task<RedisServer> AttachAsync(string address, RedisServerOptions options, CancellationToken cancellationToken)
    {
        Assert.SkipWhen(!options.FitsAnyServer, ExternalReason);
        var colon = address.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            throw new InvalidOperationException($"{AddressVariable} must be host:port, got {address}; use 127.0.0.1:6379 for a local server.");
        }

        var database = Interlocked.Increment(ref _databases) % DatabaseCount;
        var server = new RedisServer(options, address[..colon], port, folder: null, database);
        var select = string.Create(CultureInfo.InvariantCulture, $"SELECT {database}");
        await RedisWire.SendAsync(server.Host, port, password: null, [select, "FLUSHDB"], cancellationToken);
        return server;
    }

    private static void SkipWhenExternal() => Assert.SkipWhen(IsExternal, ExternalReason);

    private string? Password() => _options.Password;

    private RedisProcess Running() =>
        _process ?? throw new InvalidOperationException("Expected a running server, got a stopped one; start it again first.");

    private List<string> Arguments()
    {
        List<string> arguments =
        [
            "--bind", IPAddress.Loopback.ToString(), "--port", Port.ToString(CultureInfo.InvariantCulture), "--dir", _folder!,
            "--daemonize", "no", "--loglevel", "notice", "--save", "", "--maxmemory-policy", _options.MaxMemoryPolicy,
            "--appendonly", _options.Persistence is RedisPersistence.None ? "no" : "yes",
            "--appendfsync", _options.Persistence is RedisPersistence.Always ? "always" : "everysec",
        ];
        if (_options.Password is { } password)
        {
            arguments.AddRange(["--requirepass", password]);
        }

        if (_options.MaxMemory is { } maxMemory)
        {
            arguments.AddRange(["--maxmemory", maxMemory]);
        }

        return [.. arguments, .. _options.ExtraArguments];
    }

    private async Task WaitForAnswerAsync(RedisProcess process, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        try
        {
            while (!await RedisWire.IsServingAsync(Host, Port, Password(), process.Id, timeout.Token))
            {
                if (process.HasExited)
                {
                    // Its last lines may still be on their way through the pipe.
                    await process.WaitForExitAsync(timeout.Token);
                    throw new InvalidOperationException($"redis-server on port {Port} ended while it started; it said:\n{process.Output}");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, timeout.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"redis-server on port {Port} did not answer in {StartTimeout}; it said:\n{process.Output}");
        }
    }

    private async Task EndAsync(Action<RedisProcess> end, CancellationToken cancellationToken)
    {
        if (_process is { } process)
        {
            end(process);
            await process.WaitForExitAsync(cancellationToken);
            await process.DisposeAsync();
            _process = null;
        }
    }
}
