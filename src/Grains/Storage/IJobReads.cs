using Krewe.Queues;

namespace Krewe.Storage;

/// <summary>What may be asked of a partition's jobs by anybody, its owner or not.</summary>
internal interface IJobReads
{
    /// <summary>Reads jobs by the last parts of their ids; null where there is none.</summary>
    Task<StoredJob?[]> FindAsync(PartitionKey key, IReadOnlyList<string> ids);
}
