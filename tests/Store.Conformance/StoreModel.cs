using Krewe.Jobs;
using Krewe.Storage;

namespace Krewe.Store.Conformance;

/// <summary>What a partition should hold, in the plainest terms: a dictionary. Times to live never pass in it.</summary>
internal sealed class StoreModel
{
    private readonly Dictionary<(string Scope, string Key), Hold> _holds = [];
    private long _ended;

    internal Dictionary<string, Entry> Jobs { get; } = [];

    internal StepAnswer Take(JobStep step)
    {
        var entry = Jobs.GetValueOrDefault(step.Id);
        var place = entry?.Place ?? JobPlace.Nowhere;
        var refusal = Refuse(step, entry, place);
        if (refusal is { } answer)
        {
            return answer;
        }

        Jobs[step.Id] = Move(step, entry ?? new Entry(step.Id));
        if (step.Unique is { } unique)
        {
            Apply(unique, step.Id);
        }

        return new(StepResult.Taken, place);
    }

    /// <summary>Leaves only so many of the listed ones, the newest.</summary>
    internal void Trim(int maxListed)
    {
        foreach (var entry in Jobs.Values.Where(entry => entry is { Place: JobPlace.Done, IsListed: true }).OrderByDescending(entry => entry.Ended).Skip(maxListed).ToList())
        {
            Jobs.Remove(entry.Id);
        }
    }

    private StepAnswer? Refuse(JobStep step, Entry? entry, JobPlace place)
    {
        if (step.From == JobPlace.Nowhere && entry is not null)
        {
            return new(StepResult.Exists, place, null, entry.Record!.Fingerprint);
        }

        if (step.From != JobPlace.Nowhere && entry is null)
        {
            return new(StepResult.Unknown);
        }

        if (entry is not null && (step.From & place) == 0)
        {
            return new(StepResult.WrongPlace, place);
        }

        if (step.Token is not null && entry?.Claim?.Token != step.Token)
        {
            return new(StepResult.Fenced, place);
        }

        return step.Unique is { Action: UniqueAction.Take } unique && HolderOf(unique, step.Id) is { } holder ? new(StepResult.UniqueHeld, place, holder) : null;
    }

    private string? HolderOf(UniqueHold unique, string id)
    {
        if (!_holds.TryGetValue((unique.JobName, unique.Key), out var hold) || hold.Id == id)
        {
            return null;
        }

        var place = Jobs.GetValueOrDefault(hold.Id)?.Place ?? JobPlace.Nowhere;
        var isAlive = (place & (JobPlace.Waiting | JobPlace.Running)) != 0;
        return (!hold.IsReleased && isAlive) || ((hold.IsReleased || place != JobPlace.Dead) && hold.Until > TimeProvider.System.GetUtcNow()) ? hold.Id : null;
    }

    private void Apply(UniqueHold unique, string id)
    {
        var at = (unique.JobName, unique.Key);
        if (unique.Action == UniqueAction.Take)
        {
            _holds[at] = new(id, unique.Until, false);
        }
        else if (_holds.TryGetValue(at, out var hold) && hold.Id == id)
        {
            _holds[at] = hold with { Until = unique.Until, IsReleased = true };
        }
    }

    private Entry Move(JobStep step, Entry entry)
    {
        var (record, isEntryKept) = (step.Record ?? entry.Record, step.To == JobPlace.Running || !step.IsAtTail);
        var isWaiting = (step.To & JobPlace.Waiting) != 0;
        var isFinal = (step.To & JobPlace.Final) != 0;
        return entry with
        {
            Place = step.To,
            Record = record,
            Lane = isEntryKept && entry.Place != JobPlace.Nowhere ? entry.Lane : record!.Priority,
            Position = isEntryKept && entry.Place != JobPlace.Nowhere ? entry.Position : record!.Position,
            Claim = step.To != JobPlace.Running ? null : entry.Place == JobPlace.Running ? entry.Claim : step.Claim,
            DueAt = step.To == JobPlace.Due ? step.DueAt : null,
            ExpiresAt = isWaiting ? step.ExpiresAt : null,
            ParkedName = step.To == JobPlace.Parked ? step.ParkedName : null,
            IsListed = step.To == JobPlace.Done && step.IsListed,
            Ended = isFinal ? ++_ended : 0,
        };
    }

    /// <summary>One job. <paramref name="Ended"/> orders the final ones.</summary>
    internal sealed record Entry(
        string Id,
        JobPlace Place = JobPlace.Nowhere,
        JobRecord? Record = null,
        JobClaim? Claim = null,
        int Lane = 0,
        long Position = 0,
        DateTimeOffset? DueAt = null,
        DateTimeOffset? ExpiresAt = null,
        string? ParkedName = null,
        bool IsListed = false,
        long Ended = 0);

    private sealed record Hold(string Id, DateTimeOffset? Until, bool IsReleased);
}
