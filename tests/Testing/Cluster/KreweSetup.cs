using Krewe.Testing.Events;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace Krewe.Testing.Cluster;

/// <summary>What a silo of a test is made of. Several silos may share one setup: they then share scripts and probe.</summary>
public sealed class KreweSetup
{
    /// <summary>The silo's name.</summary>
    public string Name { get; init; } = "silo";

    /// <summary>The data file; null with a null <see cref="Redis"/>: a file in a folder of its own.</summary>
    public string? DataFile { get; init; }

    /// <summary>False: a file of its own lies in memory where the system has a place for that, because what it holds need not outlive anything and thousands of fsyncs would be waited for.</summary>
    public bool IsOnDisk { get; init; } = true;

    /// <summary>The Redis of a cluster; null: embedded on SQLite.</summary>
    public RedisServer? Redis { get; init; }

    /// <summary>The way to <see cref="Redis"/> where it is not the straight one: a connection string.</summary>
    public string? RedisConnection { get; init; }

    /// <summary>The cluster, and what its keys in Redis begin with.</summary>
    public string ClusterId { get; init; } = Some.Key("cluster");

    /// <summary>What scripted handlers do.</summary>
    public Scripts Scripts { get; init; } = new();

    /// <summary>Listens to the silo.</summary>
    public EventProbe Events { get; init; } = new();

    /// <summary>What the silo logs.</summary>
    public LogLines Logs { get; init; } = new();

    /// <summary>Whether the silo handles <see cref="Scripted"/>.</summary>
    public bool HandlesScripted { get; init; } = true;

    /// <summary>More handlers and routes.</summary>
    public Action<KreweBuilder>? Krewe { get; init; }

    /// <summary>Options, over those of tests: no drain, a short grace.</summary>
    public Action<KreweOptions>? Options { get; init; }

    /// <summary>Services of the handlers.</summary>
    public Action<IServiceCollection>? Services { get; init; }

    /// <summary>The key prefix of this cluster.</summary>
    public string KeyPrefix => $"{ClusterId}:";

    /// <summary>The same with another name, for the next silo of a cluster.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="redisConnection">Its own way to Redis; null: the straight one.</param>
    public KreweSetup Named(string name, string? redisConnection = null) => new()
    {
        RedisConnection = redisConnection,
        Name = name,
        DataFile = DataFile,
        IsOnDisk = IsOnDisk,
        Redis = Redis,
        ClusterId = ClusterId,
        Scripts = Scripts,
        Events = Events,
        Logs = Logs,
        HandlesScripted = HandlesScripted,
        Krewe = Krewe,
        Options = Options,
        Services = Services,
    };
}
