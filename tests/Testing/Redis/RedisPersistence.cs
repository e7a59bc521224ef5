namespace Krewe.Testing.Redis;

/// <summary>What a started server keeps when it is killed.</summary>
public enum RedisPersistence
{
    /// <summary>Nothing: a restart comes up empty.</summary>
    None,

    /// <summary>An append-only file, flushed every second: a power cut may take the last second, a killed process takes nothing.</summary>
    EverySecond,

    /// <summary>An append-only file, flushed at every write.</summary>
    Always,
}
