using System.Globalization;
using Krewe.Queues;
using Krewe.Storage;
using Krewe.Storage.Redis;
using Krewe.Testing.Redis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Krewe.Store.Conformance;

/// <summary>A store under a prefix of its own in a server that several tests share.</summary>
internal sealed class RedisHarness(string connectionString, TimeProvider? timeProvider = null, ILogger<RedisJobStore>? logger = null) : IStoreHarness
{
    /// <summary>Lua that makes a script fail at the first key that it was not told.</summary>
    internal const string KeyGuard =
        """
        local declared, server = {}, redis
        for _, key in ipairs(KEYS) do declared[key] = true end
        local function guarded(run)
          return function(command, ...)
            local keys = {...}
            local first = command == 'XINFO' and 2 or 1
            for i = first, command == 'TIME' and 0 or (command == 'UNLINK' or command == 'EXISTS') and #keys or first do
              if not declared[keys[i]] then error('the script was not told of key ' .. tostring(keys[i])) end
            end
            return run(command, ...)
          end
        end
        local redis = {call = guarded(server.call), pcall = guarded(server.pcall)}
        """;

    private static int _harnesses;
    private RedisConnection? _connection;
    private RedisJobStore? _store;
    private RedisFlowStore? _flows;
    private RedisScheduleStore? _schedules;

    public IJobStore Store => _store!;

    public IFlowStore Flows => _flows!;

    public IScheduleStore Schedules => _schedules!;

    internal RedisFlowCatalogue FlowCatalogue => _flows!.Catalogue;

    internal string Prefix { get; } = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _harnesses)}:");

    internal string ScriptPrelude { get; init; } = "";

    internal TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(10);

    public async Task StartAsync()
    {
        Connect();
        await Store.ConnectAsync(Wait, CancellationToken.None);
    }

    public async Task ReopenAsync()
    {
        await DisposeAsync();
        await StartAsync();
    }

    public async Task CorruptAsync(PartitionKey key, string id, byte[] bytes)
    {
        var (database, record) = (await DatabaseAsync(), new PartitionKeys(Prefix, key).Record(id));
        byte[] stored = (await database.StringGetAsync(record))!;
        await database.StringSetAsync(record, (byte[])[.. stored[..RecordHeader.Length], .. bytes], null, keepTtl: true);
    }

    public async Task<byte[]> ReadBytesAsync(PartitionKey key, string id)
    {
        byte[] stored = (await (await DatabaseAsync()).StringGetAsync(new PartitionKeys(Prefix, key).Record(id)))!;
        return stored[RecordHeader.Length..];
    }

    public async Task<IJobStore> ReopenWithVersionAsync(int version)
    {
        await (await DatabaseAsync()).StringSetAsync(Prefix + "layout", version);
        await DisposeAsync();
        Connect();
        return Store;
    }

    public async ValueTask DisposeAsync()
    {
        await _store!.DisposeAsync();
        await _connection!.DisposeAsync();
    }

    internal async Task<IDatabase> DatabaseAsync() => (await _connection!.GetAsync(Wait)).GetDatabase();

    private void Connect()
    {
        var options = Options.Create(new RedisStoreOptions { KeyPrefix = Prefix, ConnectWait = Wait, ScriptPrelude = ScriptPrelude });
        _connection = new(connectionString, options, NullLogger<RedisConnection>.Instance);
        _store = new(_connection, options, timeProvider ?? TimeProvider.System, logger ?? NullLogger<RedisJobStore>.Instance);
        _flows = new(_connection, options, timeProvider ?? TimeProvider.System, NullLogger<RedisFlowStore>.Instance);
        _schedules = new(_connection, options, NullLogger<RedisScheduleStore>.Instance);
    }
}

/// <summary>A server in cluster mode that holds all slots: keys of different slots in one call are an error there.</summary>
public sealed class RedisClusterFixture : Xunit.IAsyncLifetime
{
    internal RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        // A lone node does not know its own address and lists itself without one; the driver then waits out its connect timeout at every connection.
        Server = await RedisServer.StartAsync(new() { ExtraArguments = ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"] });
        await Server.SendAsync("CLUSTER ADDSLOTSRANGE 0 16383");
        while (!(await Server.SendAsync("CLUSTER INFO")).Contains("cluster_state:ok", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();
}
