using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>The one connection of this process to Redis, for jobs, grain state, reminders and membership alike.</summary>
/// <remarks>
/// It is made by whoever asks first, and retried for as long as that caller waits; callers in the meantime share the attempt. Once made it reconnects by
/// itself. While it is down, calls fail at once: a queue of commands that run after the caller gave up would write what nobody expects any more.
/// </remarks>
internal sealed class RedisConnection : IAsyncDisposable
{
    /// <summary>The driver looks for late answers once a second, so a call gives up between 3.5 and 4.5 seconds.</summary>
    private const int CallTimeoutMilliseconds = 3500;

    /// <summary>How often the driver asks a server whether it is a primary, 60 seconds by default: one that was promoted would be taken for a replica for that long.</summary>
    private const int RoleCheckSeconds = 5;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(250);

    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private Task<IConnectionMultiplexer>? _connecting;
    private volatile IConnectionMultiplexer? _multiplexer;

    public RedisConnection(string configuration, IOptions<RedisStoreOptions> options, ILogger<RedisConnection> logger)
    {
        _logger = logger;
        ConnectWait = options.Value.ConnectWait;
        Configuration = Parse(configuration);
        Endpoint = string.Join(", ", Configuration.EndPoints.Select(Text));
    }

    /// <summary>What the driver connects with; Orleans' providers want to see it too.</summary>
    internal ConfigurationOptions Configuration { get; }

    /// <summary>Hosts and ports, for people; never the password.</summary>
    internal string Endpoint { get; }

    internal TimeSpan ConnectWait { get; }

    /// <summary>The connection; made within <paramref name="wait"/> when there is none yet.</summary>
    /// <exception cref="StoreConfigurationException">Redis refuses the password.</exception>
    /// <exception cref="StoreUnavailableException">Redis was away for longer.</exception>
    internal ValueTask<IConnectionMultiplexer> GetAsync(TimeSpan wait) =>
        _multiplexer is { } multiplexer ? new(multiplexer) : new(ConnectOnceAsync(wait));

    /// <summary>The same, as Orleans' providers want it: shared, not theirs to dispose.</summary>
    internal async Task<(IConnectionMultiplexer Multiplexer, bool IsShared)> ShareAsync() => (await GetAsync(ConnectWait), true);

    public async ValueTask DisposeAsync()
    {
        if (_multiplexer is { } multiplexer)
        {
            await multiplexer.DisposeAsync();
        }
    }

    /// <summary>host:port.</summary>
    internal static string Text(EndPoint endpoint) =>
        endpoint is DnsEndPoint named ? string.Create(CultureInfo.InvariantCulture, $"{named.Host}:{named.Port}") : endpoint.ToString() ?? "";

    /// <summary>Reads a connection string and sets what the store relies on.</summary>
    /// <exception cref="KreweOptionsException">It cannot be read, or names no server.</exception>
    internal static ConfigurationOptions Parse(string configuration)
    {
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(configuration);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw new KreweOptionsException("The Redis connection string cannot be read (" + exception.Message + "); write such as host:6379,password=secret,ssl=true.", exception);
        }

        if (options.EndPoints.Count == 0)
        {
            throw new KreweOptionsException("The Redis connection string must name a server, got none; write such as host:6379,password=secret.");
        }

        options.SetDefaultPorts();
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        options.ConnectTimeout = Math.Min(options.ConnectTimeout, CallTimeoutMilliseconds);
        options.SyncTimeout = Math.Min(options.SyncTimeout, CallTimeoutMilliseconds);
        options.AsyncTimeout = Math.Min(options.AsyncTimeout, CallTimeoutMilliseconds);
        options.HeartbeatInterval = TimeSpan.FromSeconds(1);
        options.ConfigCheckSeconds = Math.Min(options.ConfigCheckSeconds, RoleCheckSeconds);
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry((int)RetryInterval.TotalMilliseconds);
        options.ClientName ??= "krewe";
        options.SocketManager = SocketManager.ThreadPool; // The engine lives there too: threads of Redis' own are one more hand-over each way.
        return options;
    }

    private Task<IConnectionMultiplexer> ConnectOnceAsync(TimeSpan wait)
    {
        lock (_lock)
        {
            return _connecting is { IsFaulted: false } connecting ? connecting : _connecting = ConnectAsync(wait);
        }
    }

    private async Task<IConnectionMultiplexer> ConnectAsync(TimeSpan wait)
    {
        await Task.Yield();
        var start = TimeProvider.System.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                return _multiplexer = await ConnectionMultiplexer.ConnectAsync(Configuration);
            }
            catch (Exception exception) when (RedisErrors.IsOfTheStore(exception))
            {
                var left = wait - TimeProvider.System.GetElapsedTime(start);
                if (RedisErrors.IsAboutPassword(exception))
                {
                    RedisErrors.Throw(exception, Endpoint);
                }
                else if (left <= TimeSpan.Zero)
                {
                    throw new StoreUnavailableException($"Redis at {Endpoint} was away for {Seconds(wait)} ({RedisErrors.Reason(exception)}); start it, or check host and port.", exception);
                }

                if (isFirst)
                {
                    _logger.StillAway(Endpoint, Seconds(left), RedisErrors.Reason(exception));
                }

                await Task.Delay(left < RetryInterval ? left : RetryInterval, TimeProvider.System);
            }
        }
    }

    private static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s");
}
