using Krewe.Jobs;

namespace Krewe.Queues;

/// <summary>Who waits for the end of which job. In memory only: an interest lives 30 seconds unless its client renews it, at whatever owner there is by then.</summary>
/// <remarks>A waiter subscribes and then reads the state once, so an end is never missed: it was final at the read, or the owner tells it after.</remarks>
internal sealed class EndingBoard(TimeProvider time)
{
    /// <summary>Interests of one partition. Who comes beyond them is not told: a client asks again every 8 seconds, and reads the end then.</summary>
    internal const int MaxInterests = 100_000;

    internal static readonly TimeSpan InterestLifetime = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, List<Interest>> _interests = [];
    private readonly Dictionary<IJobObserver, List<JobEnding>> _untold = [];

    /// <summary>Ids that somebody waits for.</summary>
    public IReadOnlyCollection<string> Ids => _interests.Keys;

    public bool IsEmpty => _interests.Count == 0;

    /// <summary>Who waits for what, each counted.</summary>
    public int Count { get; private set; }

    public void Subscribe(string id, IJobObserver observer)
    {
        Unsubscribe(id, observer);
        if (Count >= MaxInterests)
        {
            return;
        }

        if (!_interests.TryGetValue(id, out var interests))
        {
            _interests[id] = interests = [];
        }

        interests.Add(new Interest(observer, time.GetTimestamp()));
        Count++;
    }

    public void Unsubscribe(string id, IJobObserver observer)
    {
        if (_interests.TryGetValue(id, out var interests))
        {
            RemoveAll(id, interests, interest => interest.Observer.Equals(observer));
        }
    }

    /// <summary>Takes note that a job ended; <see cref="Tell"/> sends it.</summary>
    public void Ended(PartitionKey partition, JobRecord record)
    {
        if (!_interests.Remove(record.Id, out var interests))
        {
            return;
        }

        Count -= interests.Count;
        var ending = JobViews.Ending(partition, record, time.GetUtcNow(), JobEnding.MaxPushedResultBytes);
        foreach (var interest in interests)
        {
            if (!_untold.TryGetValue(interest.Observer, out var endings))
            {
                _untold[interest.Observer] = endings = [];
            }

            endings.Add(ending);
        }
    }

    /// <summary>Sends what is untold, one message per observer; never waits and never fails.</summary>
    public void Tell()
    {
        if (_untold.Count == 0)
        {
            return;
        }

        foreach (var (observer, endings) in _untold)
        {
            observer.OnEndedAsync([.. endings]).Ignore();
        }

        _untold.Clear();
    }

    /// <summary>Drops interests that nobody renewed.</summary>
    public void Sweep()
    {
        foreach (var (id, interests) in _interests)
        {
            RemoveAll(id, interests, interest => time.GetElapsedTime(interest.Since) > InterestLifetime);
        }
    }

    private void RemoveAll(string id, List<Interest> interests, Predicate<Interest> match)
    {
        Count -= interests.RemoveAll(match);
        if (interests.Count == 0)
        {
            _interests.Remove(id);
        }
    }

    private sealed record Interest(IJobObserver Observer, long Since);
}
