namespace Krewe.Load.Stores;

/// <summary>A store that silos are put on, and what can be read of it from outside.</summary>
internal interface IStoreUnderTest : IAsyncDisposable
{
    /// <summary>Kind and version, such as <c>redis 7.0.15</c>.</summary>
    string Version { get; }

    /// <summary>Makes it empty for the next run. No silo is on it.</summary>
    Task RenewAsync();

    /// <summary>Puts a silo on it, membership included. Silos of one run form one cluster.</summary>
    void Use(KreweBuilder krewe, SiloPorts ports);

    /// <summary>Bytes that it occupies now: memory of Redis, file of SQLite.</summary>
    Task<long> BytesAsync();

    /// <summary>What it holds one by one: keys of Redis, jobs of SQLite.</summary>
    Task<long> CountAsync();

    /// <summary>Processor time that its own process has taken; null for a store that has none.</summary>
    Task<TimeSpan?> ProcessorTimeAsync();

    /// <summary>Commands that it carried out since it started, by name; null for a store that has none.</summary>
    Task<CommandCounts?> CommandsAsync();
}

/// <summary>Commands that a server carried out since it started.</summary>
/// <param name="Total">All.</param> <param name="ByName">By name; those within scripts count too.</param>
internal sealed record CommandCounts(long Total, IReadOnlyDictionary<string, long> ByName);
