using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>The checks of a server that a silo meets for the first time: version, settings, layout.</summary>
internal sealed class RedisGreeting(RedisConnection connection, RedisCaller caller, string prefix, ILogger logger)
{
    private const string LayoutVersion = "1";
    private const string VersionField = "redis_version:";
    private const int OldestMajorVersion = 7;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects, then checks; a server that still loads its data is waited for.</summary>
    internal async Task GreetAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        var multiplexer = await connection.GetAsync(wait).AsTask().WaitAsync(cancellationToken);
        while (true)
        {
            try
            {
                await CheckAsync(multiplexer);
                return;
            }
            catch (StoreUnavailableException) when (TimeProvider.System.GetElapsedTime(start) + RetryInterval < wait)
            {
                await Task.Delay(RetryInterval, TimeProvider.System, cancellationToken);
            }
        }
    }

    private async Task CheckAsync(IConnectionMultiplexer multiplexer)
    {
        await caller.CallAsync(database => database.PingAsync(CommandFlags.DemandMaster));
        foreach (var server in RedisCaller.Primaries(multiplexer))
        {
            var endpoint = RedisConnection.Text(server.EndPoint);
            var version = await VersionAsync(server);
            if (version.Major < OldestMajorVersion)
            {
                throw new StoreConfigurationException($"Redis must be version {OldestMajorVersion} or later, got {version} at {endpoint}; upgrade it (Valkey works too).");
            }

            logger.Connected(version.ToString(), endpoint);
            await CheckSettingsAsync(server, endpoint);
        }

        await CheckLayoutAsync();
        await caller.LoadScriptsAsync();
    }

    // Sent as plain commands: the driver's own methods for these want its admin mode, which would allow far more.
    private async Task<Version> VersionAsync(IServer server)
    {
        var answer = await caller.CallAsync(_ => server.ExecuteAsync("INFO", "server"));
        var line = answer.ToString().Split('\n').FirstOrDefault(line => line.StartsWith(VersionField, StringComparison.Ordinal));
        return Version.TryParse(line?[VersionField.Length..].Trim(), out var version) ? version : server.Version;
    }

    private async Task CheckSettingsAsync(IServer server, string endpoint)
    {
        try
        {
            var policy = await SettingAsync(server, "maxmemory-policy");
            if (policy is not (null or "noeviction"))
            {
                logger.WouldEvict(endpoint, policy);
            }

            if (await SettingAsync(server, "appendonly") is not (null or "yes"))
            {
                logger.NotPersistent(endpoint);
            }
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException)
        {
            // Managed servers forbid CONFIG; that is no reason to refuse them.
            logger.NotChecked(endpoint, RedisErrors.Reason(exception));
        }
    }

    private static async Task<string?> SettingAsync(IServer server, string name)
    {
        var answer = await server.ExecuteAsync("CONFIG", "GET", name);
        return answer.Length == 2 ? answer[1].ToString() : null;
    }

    private async Task CheckLayoutAsync()
    {
        RedisKey key = prefix + "layout";
        var layout = await caller.CallAsync(database => database.StringGetAsync(key, CommandFlags.DemandMaster));
        if (layout.IsNull)
        {
            await caller.CallAsync(database => database.StringSetAsync(key, LayoutVersion, when: When.NotExists, flags: CommandFlags.DemandMaster));
            layout = await caller.CallAsync(database => database.StringGetAsync(key, CommandFlags.DemandMaster));
        }

        if (layout != LayoutVersion)
        {
            throw new StoreVersionException(
                $"Redis at {connection.Endpoint} under '{prefix}' was written by a newer Krewe (schema {layout}, this program knows {LayoutVersion}); run that version, or use another key prefix.");
        }
    }
}
