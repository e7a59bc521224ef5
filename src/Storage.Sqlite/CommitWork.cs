namespace Krewe.Storage.Sqlite;

/// <summary>The steps of one call of <see cref="IJobStore.CommitAsync"/>.</summary>
internal sealed class CommitWork(SqliteFile file, JobSteps writes, Partition partition, PartitionLease lease, EncodedStep[] steps) : SqliteWork<StepAnswer[]>(steps.Length + 1)
{
    /// <summary>No commit has more steps, so that numbers of one revision do not reach into the next.</summary>
    private const int StepsPerRevision = 1024;

    private readonly StepContext _context = new(partition, file.NowTicks, new(steps.Length * 2));

    internal override bool TryLighten()
    {
        var canLighten = !_context.IsFull && Array.Exists(steps, static encoded => encoded.Step.From == JobPlace.Nowhere);
        _context.IsFull = true;
        return canLighten;
    }

    internal override void Complete()
    {
        lease.Revision++;
        partition.Tally.Apply(_context.Moves);
        base.Complete();
    }

    protected override StepAnswer[] Answer()
    {
        var database = file.Database;
        var (revision, lastPosition) = PartitionTable.CheckEpoch(database, partition, lease);
        if (revision != lease.Revision)
        {
            throw new StoreRolledBackException(lease.Key, lease.Revision, revision);
        }

        _context.Moves.Clear();
        var answers = new StepAnswer[steps.Length];
        for (var index = 0; index < steps.Length; index++)
        {
            ref readonly var encoded = ref steps[index];
            answers[index] = writes.Take(_context, encoded, ((revision + 1) * StepsPerRevision) + index);
            lastPosition = Math.Max(lastPosition, encoded.Step.Record?.Position ?? 0);
        }

        database.Statement("UPDATE partitions SET revision = ?2, last_position = ?3 WHERE id = ?1").Bind(1, partition.RowId).Bind(2, revision + 1).Bind(3, lastPosition).Execute();
        return answers;
    }
}
