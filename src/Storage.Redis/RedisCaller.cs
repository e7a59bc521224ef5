using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Krewe.Storage.Redis;

/// <summary>Makes calls: runs scripts by their hash, sends them again when Redis forgot them, bounds each call's time, and translates errors.</summary>
internal sealed class RedisCaller(RedisConnection connection, IOptions<RedisStoreOptions> options, ILogger logger)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(4.8);

    /// <summary>How long a call is repeated while its keys move from one node to another; with one more try it stays within <see cref="CallTimeout"/>.</summary>
    private static readonly TimeSpan MoveTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MovePause = TimeSpan.FromMilliseconds(20);

    internal RedisScripts Scripts { get; } = new(options.Value.ScriptPrelude);

    internal string Endpoint => connection.Endpoint;

    /// <summary>Runs a script on the primary of its keys' slot.</summary>
    internal Task<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, params RedisValue[] arguments) =>
        CallAsync(database => EvaluateAsync(database, script, keys, arguments));

    /// <summary>Makes a call within 5 seconds.</summary>
    /// <exception cref="StoreUnavailableException">It failed; it may or may not have been carried out.</exception>
    internal async Task<T> CallAsync<T>(Func<IDatabase, Task<T>> call)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                var multiplexer = await connection.GetAsync(TimeSpan.Zero);
                return await call(multiplexer.GetDatabase()).WaitAsync(TimeSpan.FromTicks(Math.Max(0, (CallTimeout - TimeProvider.System.GetElapsedTime(started)).Ticks))); // The process may have stood still.
            }
            catch (RedisServerException exception) when (RedisErrors.IsMoving(exception) && TimeProvider.System.GetElapsedTime(started) < MoveTimeout)
            {
                await Task.Delay(MovePause, TimeProvider.System);
            }
            catch (Exception exception) when (RedisErrors.IsOfTheStore(exception) && !RedisErrors.IsFull(exception))
            {
                RedisErrors.Throw(exception, connection.Endpoint);
                throw;
            }
        }
    }

    /// <summary>Makes every primary know all scripts.</summary>
    internal async Task LoadScriptsAsync()
    {
        var multiplexer = await connection.GetAsync(TimeSpan.Zero);
        foreach (var server in Primaries(multiplexer))
        {
            foreach (var script in Scripts.All)
            {
                await CallAsync(_ => server.ExecuteAsync("SCRIPT", "LOAD", script.Source));
            }
        }
    }

    internal static IEnumerable<IServer> Primaries(IConnectionMultiplexer multiplexer) =>
        multiplexer.GetEndPoints().Select((EndPoint endpoint) => multiplexer.GetServer(endpoint)).Where(server => server.IsConnected && !server.IsReplica);

    private async Task<RedisResult> EvaluateAsync(IDatabase database, RedisScript script, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            return await database.ScriptEvaluateAsync(script.Hash, keys, arguments, CommandFlags.DemandMaster);
        }
        catch (RedisServerException exception) when (RedisErrors.IsUnknownScript(exception))
        {
            // A restart or SCRIPT FLUSH took it. EVAL with the text makes the server know it again, and nothing had run yet.
            logger.ScriptSentAgain(script.Name);
            object[] command = [script.Source, keys.Length, .. keys.Cast<object>(), .. arguments.Cast<object>()];
            return await database.ExecuteAsync("EVAL", command, CommandFlags.DemandMaster);
        }
    }
}
