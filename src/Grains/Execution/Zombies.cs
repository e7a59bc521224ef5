using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Krewe.Execution;

/// <summary>A handler that was abandoned, past its hard limit or its cancel grace, and has not ended.</summary>
/// <param name="JobId">Full id of its job.</param>
/// <param name="JobName">Name of its job.</param>
/// <param name="Token">Token of the claim it ran under.</param>
/// <param name="Since">When it was abandoned.</param>
internal sealed record Zombie(string JobId, string JobName, string Token, DateTimeOffset Since);

/// <summary>The abandoned handlers of this silo; one per silo, thread-safe.</summary>
internal sealed class Zombies(TimeProvider time, ILogger<Zombies> logger)
{
    private readonly ConcurrentDictionary<Attempt, Zombie> _zombies = new();
    private int _count;

    /// <summary>How many there are.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>They, in no order.</summary>
    internal IReadOnlyCollection<Zombie> All => [.. _zombies.Values];

    /// <summary>Raised on the thread on which one ended, after it has left the count. Must not throw.</summary>
    internal event Action<Zombie>? Ended;

    internal void Add(Attempt attempt)
    {
        if (_zombies.TryAdd(attempt, new Zombie(attempt.JobId, attempt.Job.Record.Name, attempt.Job.Token, time.GetUtcNow())))
        {
            Interlocked.Increment(ref _count);
        }
    }

    internal void Remove(Attempt attempt)
    {
        if (_zombies.TryRemove(attempt, out var zombie))
        {
            Interlocked.Decrement(ref _count);
            logger.ZombieEnded(zombie.JobId, zombie.JobName, time.GetUtcNow() - zombie.Since, Count);
            Ended?.Invoke(zombie);
        }
    }
}
