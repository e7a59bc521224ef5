namespace Krewe.Storage.Sqlite;

/// <summary>A step with its record and claim as bytes; made by the caller's thread, so that the writer only writes.</summary>
internal readonly record struct EncodedStep(JobStep Step, byte[]? Record, byte[]? Claim);

/// <summary>What the steps of one commit share.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="NowTicks">The instant of the commit.</param>
/// <param name="Moves">Collects what the commit does to the counts.</param>
internal sealed record StepContext(Partition Partition, long NowTicks, List<(TallyPlace Place, int Count)> Moves)
{
    /// <summary>Whether the disk is full, so that new jobs are refused.</summary>
    internal bool IsFull { get; set; }
}

/// <summary>Takes steps, inside a transaction of the writer: reads the job's head, decides, writes one row.</summary>
internal sealed class JobSteps(SqliteDatabase database)
{
    private readonly UniqueKeys _unique = new(database);

    private readonly SqliteStatement _head = database.Statement(
        "SELECT seq, place, lane, position, listed, parked, token, fingerprint, purge FROM jobs WHERE partition = ?1 AND id = ?2");

    private readonly SqliteStatement _insert = database.Statement(
        """
        INSERT INTO jobs (place, lane, position, due, expires, purge, listed, parked, token, claim, fingerprint, record, partition, id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """);

    private readonly SqliteStatement _moveWithRecord = database.Statement(
        """
        UPDATE jobs SET place = ?1, lane = ?2, position = ?3, due = ?4, expires = ?5, purge = ?6, listed = ?7, parked = ?8, token = ?9, claim = ?10,
            fingerprint = ?11, record = ?12 WHERE seq = ?13
        """);

    private readonly SqliteStatement _move = database.Statement(
        "UPDATE jobs SET place = ?1, lane = ?2, position = ?3, due = ?4, expires = ?5, purge = ?6, listed = ?7, parked = ?8, token = ?9, claim = ?10 WHERE seq = ?11");

    private readonly SqliteStatement _note = database.Statement("UPDATE jobs SET fingerprint = ?1, record = ?2 WHERE seq = ?3");

    private readonly SqliteStatement _delete = database.Statement("DELETE FROM jobs WHERE seq = ?1");

    /// <summary>Takes one step.</summary>
    /// <param name="context">The commit.</param>
    /// <param name="encoded">The step.</param>
    /// <param name="sequence">Grows from step to step, over all commits of the partition.</param>
    internal StepAnswer Take(StepContext context, in EncodedStep encoded, long sequence)
    {
        var step = encoded.Step;
        var head = ReadHead(context, step.Id);
        if (JobHead.Refuse(step, head) is { } refusal)
        {
            return refusal;
        }

        if (context.IsFull && step.IsNewWork)
        {
            return new(StepResult.Full);
        }

        var place = head?.Place ?? JobPlace.Nowhere;
        if (step.Unique is { Action: UniqueAction.Take } wanted && _unique.HolderBeside(context.Partition.RowId, wanted, step.Id, context.NowTicks) is { } holder)
        {
            return new(StepResult.UniqueHeld, place, holder);
        }

        Write(context, encoded, head, sequence);
        if (step.Unique is { } unique)
        {
            _unique.Apply(context.Partition.RowId, unique, step.Id, context.NowTicks);
        }

        return new(StepResult.Taken, place);
    }

    /// <summary>Reads a job's head. A row whose time to live has passed is no job: it goes at once, so that its id is free.</summary>
    private JobHead? ReadHead(StepContext context, string id)
    {
        _head.Bind(1, context.Partition.RowId).Bind(2, id);
        if (!_head.Step())
        {
            return null;
        }

        var place = new TallyPlace((JobPlace)_head.Int64(1), (int)_head.Int64(2), !_head.IsNull(4), _head.IsNull(5) ? null : _head.Text(5));
        var head = new JobHead(_head.Int64(0), place, _head.Int64(3), _head.IsNull(6) ? null : _head.Text(6), unchecked((ulong)_head.Int64(7)));
        var isGone = !_head.IsNull(8) && _head.Int64(8) <= context.NowTicks;
        _head.Reset();
        if (!isGone)
        {
            return head;
        }

        _delete.Bind(1, head.RowId).Execute();
        context.Moves.Add((head.Tally, -1));
        return null;
    }

    private void Write(StepContext context, in EncodedStep encoded, JobHead? head, long sequence)
    {
        var step = encoded.Step;
        if (head is { Place: JobPlace.Running } running && step.To == JobPlace.Running)
        {
            // The claim stays as it is.
            if (step.Record is { } noted)
            {
                _note.Bind(1, unchecked((long)noted.Fingerprint)).Bind(2, encoded.Record).Bind(3, running.RowId).Execute();
            }

            return;
        }

        var (place, position) = JobHead.Move(step, head);
        var statement = head is null ? _insert : step.Record is null ? _move : _moveWithRecord;
        BindMove(statement, encoded, place, position, context.NowTicks, sequence);
        var next = 11;
        if (step.Record is { } record)
        {
            statement.Bind(next++, unchecked((long)record.Fingerprint)).Bind(next++, encoded.Record);
        }

        if (head is { } job)
        {
            statement.Bind(next, job.RowId);
            context.Moves.Add((job.Tally, -1));
        }
        else
        {
            statement.Bind(next++, context.Partition.RowId).Bind(next, step.Id);
        }

        statement.Execute();
        context.Moves.Add((place, 1));
    }

    private static void BindMove(SqliteStatement statement, in EncodedStep encoded, TallyPlace place, long position, long nowTicks, long sequence)
    {
        var step = encoded.Step;
        var isRunning = place.Place == JobPlace.Running;
        var isFinal = (place.Place & JobPlace.Final) != 0;
        statement.Bind(1, (long)place.Place)
            .Bind(2, (long)place.Lane)
            .Bind(3, position)
            .Bind(4, place.Place == JobPlace.Due ? step.DueAt?.UtcTicks : null)
            .Bind(5, (place.Place & JobPlace.Waiting) != 0 ? step.ExpiresAt?.UtcTicks : null)
            .Bind(6, isFinal ? After(nowTicks, step.Ttl) : null)
            .Bind(7, place.IsListed ? sequence : (long?)null)
            .Bind(8, place.ParkedName)
            .Bind(9, isRunning ? step.Claim?.Token : null)
            .Bind(10, isRunning ? encoded.Claim : null);
    }

    /// <summary>The end of a time to live; one that reaches past the calendar never ends.</summary>
    private static long? After(long nowTicks, TimeSpan? ttl) =>
        ttl is { } span && span.Ticks < DateTimeOffset.MaxValue.UtcTicks - nowTicks ? nowTicks + span.Ticks : null;
}
