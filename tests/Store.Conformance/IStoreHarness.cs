using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Store.Conformance;

/// <summary>What the suite needs of a store beside its contract. One harness is one empty store; it belongs to one test.</summary>
internal interface IStoreHarness : IAsyncDisposable
{
    /// <summary>The store that is open now.</summary>
    IJobStore Store { get; }

    /// <summary>Flows in the same place.</summary>
    IFlowStore Flows { get; }

    /// <summary>Schedules in the same place.</summary>
    IScheduleStore Schedules { get; }

    /// <summary>Opens an empty store and connects it.</summary>
    Task StartAsync();

    /// <summary>Leaves the store as a killed process would and connects a new one to the same content.</summary>
    Task ReopenAsync();

    /// <summary>Overwrites the stored bytes of a job's record.</summary>
    Task CorruptAsync(PartitionKey key, string id, byte[] bytes);

    /// <summary>The stored bytes of a job's record, as they are.</summary>
    Task<byte[]> ReadBytesAsync(PartitionKey key, string id);

    /// <summary>Closes the store, writes this layout version and returns a new, unconnected store on the same content.</summary>
    Task<IJobStore> ReopenWithVersionAsync(int version);
}
