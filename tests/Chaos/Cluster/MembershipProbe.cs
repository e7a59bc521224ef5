using System.Globalization;
using System.Text.Json;
using Krewe.Chaos.Jobs;
using StackExchange.Redis;

namespace Krewe.Chaos.Cluster;

/// <summary>Reads the cluster's table of members all the time, and knows of each silo the last instant at which it surely was one.</summary>
/// <remarks>That instant lies before the question was sent whose answer still had the silo as a member: it errs by a question's interval, and never to the silo's debit. The version alone is asked for until it changes.</remarks>
internal sealed class MembershipProbe : IAsyncDisposable
{
    private const string Table = "krewe/members/krewe";
    private const string VersionField = "Version";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SiloStatus> _statuses = [];
    private readonly Dictionary<string, TimeSpan> _lastSeen = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ConnectionMultiplexer _connection;
    private readonly TimeProvider _time;
    private readonly Task _loop;

    private MembershipProbe(ConnectionMultiplexer connection, TimeProvider time)
    {
        (_connection, _time) = (connection, time);
        _loop = Task.Run(WatchAsync);
    }

    /// <summary>By silo that was declared dead: the last instant at which it surely was a member.</summary>
    internal IReadOnlyDictionary<string, TimeSpan> Deaths
    {
        get
        {
            lock (_lock)
            {
                return _statuses.Where(silo => silo.Value == SiloStatus.Dead).ToDictionary(silo => silo.Key, silo => _lastSeen.GetValueOrDefault(silo.Key));
            }
        }
    }

    internal static async Task<MembershipProbe> StartAsync(string redis, TimeProvider time)
    {
        var options = ConfigurationOptions.Parse(redis);
        (options.AbortOnConnectFail, options.AsyncTimeout, options.ReconnectRetryPolicy) = (false, 1_000, new LinearRetry(100));
        return new(await ConnectionMultiplexer.ConnectAsync(options), time);
    }

    /// <summary>The silo that has a port, with generation; null: none was seen yet.</summary>
    internal string? SiloAt(int port)
    {
        lock (_lock)
        {
            return _statuses.Keys.FirstOrDefault(silo => silo.Contains(string.Create(CultureInfo.InvariantCulture, $":{port}@"), StringComparison.Ordinal));
        }
    }

    /// <summary>What the table says of the silo that has a port.</summary>
    internal SiloStatus StatusAt(int port)
    {
        lock (_lock)
        {
            return SiloAt(port) is { } silo ? _statuses[silo] : SiloStatus.None;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        var version = RedisValue.Null;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var askedAt = MachineClock.Now;
                var now = await _connection.GetDatabase().HashGetAsync(Table, VersionField);
                var rows = now == version ? [] : await _connection.GetDatabase().HashGetAllAsync(Table);
                Note(askedAt, rows);
                version = now;
                await Task.Delay(Interval, _time, _stop.Token);
            }
            catch (Exception exception) when (exception is RedisException or RedisTimeoutException or OperationCanceledException)
            {
                // Redis is away, and nobody can be declared dead meanwhile; or the run has ended.
            }
        }
    }

    private void Note(TimeSpan askedAt, HashEntry[] rows)
    {
        lock (_lock)
        {
            foreach (var row in rows.Where(row => row.Name != VersionField))
            {
                var (silo, status) = Parse(row.Value!);
                _statuses[silo] = status;
            }

            foreach (var silo in _statuses.Where(silo => silo.Value != SiloStatus.Dead))
            {
                _lastSeen[silo.Key] = askedAt;
            }
        }
    }

    private static (string Silo, SiloStatus Status) Parse(string row)
    {
        using var json = JsonDocument.Parse(row);
        return (json.RootElement.GetProperty("SiloAddress").GetProperty("SiloAddress").GetString()!, (SiloStatus)json.RootElement.GetProperty("Status").GetInt32());
    }
}
