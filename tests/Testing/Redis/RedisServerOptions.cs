namespace Krewe.Testing.Redis;

/// <summary>How a server is started.</summary>
public sealed record RedisServerOptions
{
    /// <summary>What survives a kill; as a production silo wants it by default.</summary>
    public RedisPersistence Persistence { get; init; } = RedisPersistence.EverySecond;

    /// <summary>The password that clients must give; null for none.</summary>
    public string? Password { get; init; }

    /// <summary>The memory limit in Redis' own words, such as <c>64mb</c>; null for none.</summary>
    public string? MaxMemory { get; init; }

    /// <summary>What the server does at its memory limit.</summary>
    public string MaxMemoryPolicy { get; init; } = "noeviction";

    /// <summary>Further command-line arguments, one per element, such as <c>--cluster-enabled</c>, <c>yes</c>.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <summary>Whether any server will do, or only one that was started with these settings.</summary>
    internal bool FitsAnyServer => this is { Persistence: RedisPersistence.EverySecond, Password: null, MaxMemory: null, MaxMemoryPolicy: "noeviction", ExtraArguments.Count: 0 };
}
