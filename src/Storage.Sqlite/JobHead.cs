namespace Krewe.Storage.Sqlite;

/// <summary>What must be known of a stored job to take a step of it: all of its row but claim and record.</summary>
internal readonly record struct JobHead(long RowId, TallyPlace Tally, long Position, string? Token, ulong Fingerprint)
{
    internal JobPlace Place => Tally.Place;

    /// <summary>Whether a step may be taken, the unique key aside. Pure.</summary>
    /// <param name="step">The step.</param>
    /// <param name="head">The job as it lies; null: there is none.</param>
    /// <returns>The refusal; null: it may be taken.</returns>
    internal static StepAnswer? Refuse(JobStep step, JobHead? head)
    {
        if (head is not { } job)
        {
            return step.From == JobPlace.Nowhere ? null : new StepAnswer(StepResult.Unknown);
        }

        if (step.From == JobPlace.Nowhere)
        {
            return new StepAnswer(StepResult.Exists, job.Place, null, job.Fingerprint);
        }

        if ((step.From & job.Place) == 0)
        {
            return new StepAnswer(StepResult.WrongPlace, job.Place);
        }

        return step.Token is null || step.Token == job.Token ? null : new StepAnswer(StepResult.Fenced, job.Place);
    }

    /// <summary>Where the step puts the job. Pure.</summary>
    /// <param name="step">The step, which may be taken.</param>
    /// <param name="head">The job as it lies; null: there is none.</param>
    /// <returns>Its new place and position: a new entry only where the step says so or the job is new.</returns>
    internal static (TallyPlace Place, long Position) Move(JobStep step, JobHead? head)
    {
        var isNewEntry = head is null || (step.To != JobPlace.Running && step.IsAtTail);
        var (lane, position) = isNewEntry && step.Record is { } record ? (record.Priority, record.Position) : (head!.Value.Tally.Lane, head.Value.Position);
        var isListed = step.To == JobPlace.Dead || (step.To == JobPlace.Done && step.IsListed);
        return (new(step.To, lane, isListed, step.To == JobPlace.Parked ? step.ParkedName : null), position);
    }
}
