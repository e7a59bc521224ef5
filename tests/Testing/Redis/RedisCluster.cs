using System.Globalization;
using Krewe.Testing.Cluster;

namespace Krewe.Testing.Redis;

/// <summary>A real Redis Cluster of local processes, without replicas: each is the primary of its share of the 16,384 slots.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16_384;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private readonly List<RedisServer> _nodes = [];

    private RedisCluster()
    {
    }

    /// <summary>The nodes, in order of their first slots.</summary>
    public IReadOnlyList<RedisServer> Nodes => _nodes;

    /// <summary>What StackExchange.Redis needs to connect: every node.</summary>
    public string ConnectionString => string.Join(',', _nodes.Select(node => node.Endpoint));

    /// <summary>Starts the nodes, shares the slots out among them and waits until all of them agree; skips the calling test where there is no Redis to start.</summary>
    public static async Task<RedisCluster> StartAsync(int nodes = 3, CancellationToken cancellationToken = default)
    {
        var cluster = new RedisCluster();
        try
        {
            for (var i = 0; i < nodes; i++)
            {
                cluster._nodes.Add(await StartNodeAsync(i, nodes, cancellationToken));
            }

            foreach (var node in cluster._nodes.Skip(1))
            {
                await DoAsync(cluster._nodes[0], $"CLUSTER MEET {node.Host} {node.Port} {BusOf(node)}", cancellationToken);
            }

            while (!await cluster.AgreesAsync(cancellationToken))
            {
                await Task.Delay(LookInterval, TimeProvider.System, cancellationToken);
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The slot of a key; keys with the same text in braces share it.</summary>
    public async Task<int> SlotOfAsync(string key) => int.Parse((await DoAsync(_nodes[0], $"CLUSTER KEYSLOT {key}"))[1..], CultureInfo.InvariantCulture);

    /// <summary>The node that holds a slot now.</summary>
    public async Task<RedisServer> OwnerOfAsync(int slot)
    {
        foreach (var node in _nodes)
        {
            if (!(await node.SendAsync($"CLUSTER COUNTKEYSINSLOT {slot}")).StartsWith(":0", StringComparison.Ordinal))
            {
                return node;
            }
        }

        throw new InvalidOperationException($"Expected keys in slot {slot}, got none on any node.");
    }

    /// <summary>Moves a slot as <c>redis-cli --cluster reshard</c> does: meanwhile its keys are partly here and partly there, and both nodes say so (ASK, TRYAGAIN); afterwards the old one says MOVED.</summary>
    /// <param name="slot">0..16383.</param>
    /// <param name="from">Who holds it.</param>
    /// <param name="to">Who gets it.</param>
    /// <param name="between">Awaited once, when the first key has moved and others have not; null: nothing.</param>
    public async Task MoveAsync(int slot, RedisServer from, RedisServer to, Func<Task>? between = null)
    {
        var (fromId, toId) = (await IdOfAsync(from), await IdOfAsync(to));
        await DoAsync(to, $"CLUSTER SETSLOT {slot} IMPORTING {fromId}");
        await DoAsync(from, $"CLUSTER SETSLOT {slot} MIGRATING {toId}");
        while (await KeyInAsync(from, slot) is { } key)
        {
            await from.SendAsync($"MIGRATE {to.Host} {to.Port} {key} 0 5000"); // +OK, or +NOKEY when it has gone meanwhile.
            if (between is not null)
            {
                await between();
                between = null;
            }
        }

        foreach (var node in _nodes.OrderByDescending(node => node == to))
        {
            await DoAsync(node, $"CLUSTER SETSLOT {slot} NODE {toId}");
        }
    }

    /// <summary>Kills every node.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static async Task<RedisServer> StartNodeAsync(int index, int count, CancellationToken cancellationToken)
    {
        // The bus is at the port + 10,000 by default, which may be beyond the last one.
        var bus = FreePorts.Next().ToString(CultureInfo.InvariantCulture);
        var options = new RedisServerOptions { ExtraArguments = ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--cluster-port", bus] };
        var node = await RedisServer.StartAsync(options, cancellationToken);
        await DoAsync(node, $"CLUSTER SET-CONFIG-EPOCH {index + 1}", cancellationToken);
        await DoAsync(node, $"CLUSTER ADDSLOTSRANGE {Slots * index / count} {(Slots * (index + 1) / count) - 1}", cancellationToken);
        return node;
    }

    private static string BusOf(RedisServer node) => node.Options.ExtraArguments[^1];

    private static async Task<string> IdOfAsync(RedisServer node) => (await DoAsync(node, "CLUSTER MYID")).Split("\r\n")[1];

    private static async Task<string?> KeyInAsync(RedisServer node, int slot) =>
        (await DoAsync(node, $"CLUSTER GETKEYSINSLOT {slot} 1")).Split("\r\n") is ["*1", _, var key, ..] ? key : null;

    private static async Task<string> DoAsync(RedisServer node, string command, CancellationToken cancellationToken = default)
    {
        var answer = (await node.SendAsync(command, cancellationToken)).TrimEnd();
        return !answer.StartsWith('-') ? answer : throw new InvalidOperationException($"Node {node.Endpoint} was told '{command}' and answered '{answer}'.");
    }

    private async Task<bool> AgreesAsync(CancellationToken cancellationToken)
    {
        foreach (var node in _nodes)
        {
            var info = await DoAsync(node, "CLUSTER INFO", cancellationToken);
            if (!info.Contains("cluster_state:ok", StringComparison.Ordinal) || !info.Contains($"cluster_known_nodes:{_nodes.Count}\r", StringComparison.Ordinal) || !info.Contains($"cluster_slots_ok:{Slots}\r", StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
