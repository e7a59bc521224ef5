using Krewe.Queues;

namespace Krewe.Storage.Sqlite;

/// <summary>A row's share in its partition's counts: where a job lies, as far as counts tell.</summary>
internal readonly record struct TallyPlace(JobPlace Place, int Lane, bool IsListed, string? ParkedName);

/// <summary>How many jobs of a partition lie where; kept in memory, because counting a million rows is not cheap. Counted anew at every start.</summary>
/// <remarks>Changes of a commit are held back until it is durable.</remarks>
internal sealed class PartitionTally
{
    private readonly Lock _lock = new();
    private readonly long[] _lanes = new long[10];
    private readonly Dictionary<string, long> _parked = [];
    private long _due;
    private long _running;
    private long _dead;
    private long _listed;

    /// <summary>Adds to the counts.</summary>
    internal void Add(TallyPlace place, long count)
    {
        lock (_lock)
        {
            Change(place, count);
        }
    }

    /// <summary>Carries out the moves of a commit.</summary>
    internal void Apply(IReadOnlyList<(TallyPlace Place, int Count)> moves)
    {
        lock (_lock)
        {
            foreach (var (place, count) in moves)
            {
                Change(place, count);
            }
        }
    }

    internal PartitionCounts Read()
    {
        lock (_lock)
        {
            return new()
            {
                LaneEntries = [.. _lanes], Due = _due, Running = _running, Dead = _dead, Listed = _listed, Parked = new Dictionary<string, long>(_parked),
            };
        }
    }

    private void Change(TallyPlace place, long count)
    {
        switch (place.Place)
        {
            case JobPlace.Ready:
                _lanes[place.Lane] += count;
                break;
            case JobPlace.Running:
                _lanes[place.Lane] += count;
                _running += count;
                break;
            case JobPlace.Due:
                _due += count;
                break;
            case JobPlace.Parked:
                ChangeParked(place.ParkedName!, count);
                break;
            case JobPlace.Dead:
                _dead += count;
                break;
            case JobPlace.Done when place.IsListed:
                _listed += count;
                break;
        }
    }

    private void ChangeParked(string name, long count)
    {
        var parked = _parked.GetValueOrDefault(name) + count;
        if (parked == 0)
        {
            _parked.Remove(name);
        }
        else
        {
            _parked[name] = parked;
        }
    }
}

/// <summary>A partition of the file.</summary>
/// <param name="RowId">Its number in the file.</param>
/// <param name="Key">Which one.</param>
internal sealed record Partition(long RowId, PartitionKey Key)
{
    internal PartitionTally Tally { get; } = new();
}
