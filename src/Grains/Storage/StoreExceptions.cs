using Krewe.Queues;

namespace Krewe.Storage;

/// <summary>Somebody opened the partition after this owner did; nothing was written. The owner deactivates, the caller asks again.</summary>
internal sealed class StaleEpochException(PartitionKey key, long epoch)
    : Exception($"Epoch {epoch} of partition {key} is over: another owner opened it. Ask the partition's owner again.");

/// <summary>The store holds another revision than this owner left: it went back in time. Nothing was written; the owner reloads before it hands anything out.</summary>
internal sealed class StoreRolledBackException(PartitionKey key, long expected, long found)
    : Exception($"Partition {key} is at revision {found}, expected {expected}: the store lost writes or went back in time. The owner reloads.");

/// <summary>The store's layout is of a version that this program does not know.</summary>
internal sealed class StoreVersionException(string message) : KreweException(message);

/// <summary>The store cannot be used as configured: wrong path, wrong password, locked by another process, other partitions.</summary>
internal sealed class StoreConfigurationException(string message, Exception? innerException = null) : KreweException(message, innerException);
