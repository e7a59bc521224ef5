using System.Collections.Concurrent;
using Krewe.Queues;

namespace Krewe.Storage.Sqlite;

/// <summary>The partitions of a file: their epochs, their place in the catalogue, their counts.</summary>
internal sealed class PartitionTable
{
    private const string Open =
        """
        INSERT INTO partitions (queue, partition, epoch, revision, last_position, in_catalogue) VALUES (?1, ?2, 1, 0, 0, 1)
        ON CONFLICT DO UPDATE SET epoch = epoch + 1, in_catalogue = 1 RETURNING id, epoch, revision, last_position
        """;

    private const string CountWaiting =
        """
        SELECT EXISTS (SELECT 1 FROM jobs WHERE partition = ?1 AND place = 1) OR EXISTS (SELECT 1 FROM jobs WHERE partition = ?1 AND place = 2)
            OR EXISTS (SELECT 1 FROM jobs WHERE partition = ?1 AND place = 4) OR EXISTS (SELECT 1 FROM jobs WHERE partition = ?1 AND place = 8)
        """;

    /// <summary>Each part is answered by one index alone.</summary>
    private static readonly string[] CountAll =
    [
        "SELECT partition, 1, lane, NULL, count(*) FROM jobs WHERE place = 1 GROUP BY partition, lane",
        "SELECT partition, 2, 0, NULL, count(*) FROM jobs WHERE place = 2 GROUP BY partition",
        "SELECT partition, 4, 0, parked, count(*) FROM jobs WHERE place = 4 GROUP BY partition, parked",
        "SELECT partition, 8, lane, NULL, count(*) FROM jobs WHERE place = 8 GROUP BY partition, lane",
        "SELECT partition, place, 0, NULL, count(*) FROM jobs WHERE listed IS NOT NULL GROUP BY partition, place",
    ];

    private readonly ConcurrentDictionary<PartitionKey, Partition> _partitions = new();

    /// <summary>The partition, if it was ever opened.</summary>
    internal Partition? Find(PartitionKey key) => _partitions.GetValueOrDefault(key);

    /// <summary>Reads partitions and counts their jobs.</summary>
    internal static PartitionTable Load(SqliteDatabase database)
    {
        var table = new PartitionTable();
        Dictionary<long, Partition> byRow = [];
        var rows = database.Statement("SELECT id, queue, partition FROM partitions");
        while (rows.Step())
        {
            var partition = new Partition(rows.Int64(0), new(rows.Text(1), (int)rows.Int64(2)));
            byRow[partition.RowId] = table._partitions[partition.Key] = partition;
        }

        foreach (var sql in CountAll)
        {
            var counts = database.Statement(sql);
            while (counts.Step())
            {
                var place = new TallyPlace((JobPlace)counts.Int64(1), (int)counts.Int64(2), true, counts.IsNull(3) ? null : counts.Text(3));
                byRow[counts.Int64(0)].Tally.Add(place, counts.Int64(4));
            }
        }

        return table;
    }

    /// <summary>Raises the epoch and enters the partition into the catalogue. In a transaction of the writer.</summary>
    internal (Partition Partition, PartitionLease Lease) OpenPartition(SqliteDatabase database, PartitionKey key)
    {
        var row = database.Statement(Open).Bind(1, key.Queue).Bind(2, key.Partition);
        row.Step();
        var partition = Find(key) ?? new(row.Int64(0), key);
        var lease = new PartitionLease(key, row.Int64(1), row.Int64(2), row.Int64(3));
        row.Execute();
        return (partition, lease);
    }

    /// <summary>Makes a partition known once its first opening is durable.</summary>
    internal void Remember(Partition partition) => _partitions.TryAdd(partition.Key, partition);

    /// <summary>Takes an empty partition out of the catalogue and voids the lease. In a transaction of the writer.</summary>
    internal static bool ClosePartition(SqliteDatabase database, Partition partition, PartitionLease lease)
    {
        CheckEpoch(database, partition, lease);
        var isEmpty = database.Statement(CountWaiting).Bind(1, partition.RowId).Scalar() == 0;
        database.Statement("UPDATE partitions SET epoch = epoch + 1, in_catalogue = ?2 WHERE id = ?1").Bind(1, partition.RowId).Bind(2, isEmpty ? 0 : 1).Execute();
        return isEmpty;
    }

    /// <summary>Checks a lease. In a transaction of the writer, before anything is written; or in one that only reads.</summary>
    /// <returns>The stored revision and highest position.</returns>
    /// <exception cref="StaleEpochException">The lease is void.</exception>
    internal static (long Revision, long LastPosition) CheckEpoch(SqliteDatabase database, Partition partition, PartitionLease lease)
    {
        var row = database.Statement("SELECT epoch, revision, last_position FROM partitions WHERE id = ?1").Bind(1, partition.RowId);
        row.Step();
        var (epoch, revision, lastPosition) = (row.Int64(0), row.Int64(1), row.Int64(2));
        row.Reset();
        return epoch == lease.Epoch ? (revision, lastPosition) : throw new StaleEpochException(lease.Key, lease.Epoch);
    }
}
