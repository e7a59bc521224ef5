using Krewe.Testing.Events;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;

namespace Krewe.Testing.Cluster;

/// <summary>Several silos in this process on one Redis, with the real membership table. What dies without a word needs processes; this is for what leaves in order.</summary>
public sealed class KreweCluster : IAsyncDisposable
{
    private readonly List<KreweHost> _silos = [];

    private KreweCluster(KreweSetup setup) => Setup = setup;

    /// <summary>What its silos share.</summary>
    public KreweSetup Setup { get; }

    /// <summary>The silos that were started, stopped ones included.</summary>
    public IReadOnlyList<KreweHost> Silos => _silos;

    /// <summary>What scripted handlers do, on any silo.</summary>
    public Scripts Scripts => Setup.Scripts;

    /// <summary>Listens to all silos.</summary>
    public EventProbe Events => Setup.Events;

    /// <summary>Starts silos named <c>silo-1</c>, <c>silo-2</c>, …</summary>
    public static async Task<KreweCluster> StartAsync(RedisServer redis, int silos, KreweSetup? setup = null)
    {
        setup ??= new KreweSetup();
        var cluster = new KreweCluster(new KreweSetup
        {
            Redis = redis,
            ClusterId = setup.ClusterId,
            Scripts = setup.Scripts,
            Events = setup.Events,
            Logs = setup.Logs,
            HandlesScripted = setup.HandlesScripted,
            Krewe = setup.Krewe,
            Options = setup.Options,
            Services = setup.Services,
        });
        try
        {
            for (var i = 0; i < silos; i++)
            {
                await cluster.AddSiloAsync();
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more silo.</summary>
    /// <param name="redisConnection">Its own way to Redis; null: the straight one.</param>
    public async Task<KreweHost> AddSiloAsync(string? redisConnection = null)
    {
        var silo = await KreweHost.StartAsync(Setup.Named($"silo-{_silos.Count + 1}", redisConnection));
        _silos.Add(silo);
        return silo;
    }

    /// <summary>Stops every silo.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }
    }
}
