using System.Globalization;
using System.Net;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Krewe.Load.Stores;

/// <summary>One database of a Redis: of a server of our own, or the first empty one of a server that was named.</summary>
/// <remarks>Only a database that was empty when the program started is ever emptied. Memory and commands are read for the whole server, so nobody else should use it.</remarks>
internal sealed class RedisUnderTest : IStoreUnderTest
{
    private const int DatabaseCount = 16;

    private readonly RedisProcess? _process;
    private readonly ConnectionMultiplexer _connection;
    private readonly IServer _server;
    private readonly string _address;
    private readonly int _database;
    private int _clusters;
    private string _clusterId = "";

    private RedisUnderTest(RedisProcess? process, ConnectionMultiplexer connection, string address, int database)
    {
        (_process, _connection, _address, _database) = (process, connection, address, database);
        _server = connection.GetServers()[0];
    }

    public string Version => $"redis {_server.Version}";

    /// <summary>Connects to the named server, or starts one.</summary>
    internal static async Task<RedisUnderTest> OpenAsync(string? address, TimeProvider time, CancellationToken cancellationToken)
    {
        var process = address is null ? await RedisProcess.StartAsync(time, cancellationToken) : null;
        address ??= process!.Address;
        try
        {
            var options = ConfigurationOptions.Parse(address);
            options.AllowAdmin = true;
            var connection = await ConnectionMultiplexer.ConnectAsync(options);
            return new(process, connection, address, await FindEmptyAsync(connection.GetServers()[0]));
        }
        catch
        {
            process?.Dispose();
            throw;
        }
    }

    public async Task RenewAsync()
    {
        await _server.FlushDatabaseAsync(_database);
        _clusterId = string.Create(CultureInfo.InvariantCulture, $"load-{Environment.ProcessId}-{++_clusters}");
    }

    public void Use(KreweBuilder krewe, SiloPorts ports)
    {
        krewe.UseRedis(string.Create(CultureInfo.InvariantCulture, $"{_address},defaultDatabase={_database}"));
        krewe.Silo.Configure<ClusterOptions>(options => options.ClusterId = _clusterId);
        krewe.Silo.ConfigureEndpoints(IPAddress.Loopback, ports.Silo, ports.Gateway, listenOnAnyHostAddress: false);
    }

    public async Task<long> BytesAsync() => long.Parse((await InfoAsync("memory"))["used_memory"], CultureInfo.InvariantCulture);

    public Task<long> CountAsync() => _server.DatabaseSizeAsync(_database);

    public async Task<TimeSpan?> ProcessorTimeAsync()
    {
        var used = await InfoAsync("cpu");
        return TimeSpan.FromSeconds(double.Parse(used["used_cpu_user"], CultureInfo.InvariantCulture) + double.Parse(used["used_cpu_sys"], CultureInfo.InvariantCulture));
    }

    public async Task<CommandCounts?> CommandsAsync()
    {
        var total = long.Parse((await InfoAsync("stats"))["total_commands_processed"], CultureInfo.InvariantCulture);
        var byName = (await InfoAsync("commandstats")).ToDictionary(line => line.Key["cmdstat_".Length..], line => Calls(line.Value));
        return new(total, byName);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
        {
            await _server.FlushDatabaseAsync(_database);
        }

        await _connection.DisposeAsync();
        _process?.Dispose();
    }

    private static async Task<int> FindEmptyAsync(IServer server)
    {
        for (var database = 0; database < DatabaseCount; database++)
        {
            if (await server.DatabaseSizeAsync(database) == 0)
            {
                return database;
            }
        }

        throw new InvalidOperationException($"--redis must name a server with an empty database, got {server.EndPoint} where all {DatabaseCount} hold keys; empty one, or leave --redis out.");
    }

    private async Task<Dictionary<string, string>> InfoAsync(string section) =>
        (await _server.InfoAsync(section)).SelectMany(group => group).ToDictionary(line => line.Key, line => line.Value);

    /// <summary>From <c>calls=21,usec=175,…</c>.</summary>
    private static long Calls(string statistics) => long.Parse(statistics.Split(',')[0]["calls=".Length..], CultureInfo.InvariantCulture);
}
