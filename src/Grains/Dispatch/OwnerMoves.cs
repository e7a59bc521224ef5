using System.Collections.Concurrent;
using Krewe.Hosting;
using Microsoft.Extensions.Logging;

namespace Krewe.Dispatch;

/// <summary>Moves the partitions' owners of a silo that leaves to those that stay, while it still runs handlers.</summary>
/// <remarks>
/// <para>An owner that moves ends the calls that it has, closes its epoch, and is activated elsewhere; calls that wait go there with it, and callers that met the
/// moment between repeat under the same ids and tokens. So partitions are served through a rolling restart, and the outcomes of the handlers that still run here
/// are recorded by owners that stay.</para>
/// <para>Where nobody stays nothing moves: a lone silo serves its partitions until its handlers have ended and their outcomes are recorded.</para>
/// </remarks>
internal sealed class OwnerMoves(LeavingSilos leaving, IWorkerServices workers, SiloIdentity silo, TimeProvider time, ILogger<OwnerMoves> logger)
{
    private static readonly TimeSpan TellTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MoveAgainInterval = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<IGrainContext, bool> _owners = new();

    /// <summary>Owners on this silo.</summary>
    public int Count => _owners.Count;

    /// <summary>Whether there is a silo to move to.</summary>
    public bool CanMove => leaving.Staying(silo.SiloAddress).Count > 0;

    /// <summary>An owner was activated here.</summary>
    public void Arrived(IGrainContext owner) => _owners[owner] = true;

    /// <summary>An owner has gone.</summary>
    public void Gone(IGrainContext owner) => _owners.TryRemove(owner, out _);

    /// <summary>Tells the other silos that this one leaves, so that nothing is placed here any more.</summary>
    public async Task AnnounceAsync()
    {
        leaving.Add(silo.SiloAddress);
        await Task.WhenAll(leaving.Staying(silo.SiloAddress).Select(TellAsync));
    }

    /// <summary>Moves owners away, also those that still arrive, until it is stopped.</summary>
    public async Task MoveAllAsync(CancellationToken stop)
    {
        var moving = new Dictionary<IGrainContext, long>();
        var moved = 0;
        while (!stop.IsCancellationRequested)
        {
            if (CanMove)
            {
                foreach (var owner in _owners.Keys)
                {
                    if (!moving.TryGetValue(owner, out var since) || time.GetElapsedTime(since) >= MoveAgainInterval)
                    {
                        moving[owner] = time.GetTimestamp();
                        owner.Migrate([], CancellationToken.None);
                    }
                }
            }

            foreach (var owner in moving.Keys.Where(owner => !_owners.ContainsKey(owner)).ToList())
            {
                moving.Remove(owner);
                moved++;
            }

            await Task.Delay(LookInterval, time, CancellationToken.None);
        }

        if (moved > 0)
        {
            Log.OwnersMoved(logger, moved, _owners.Count);
        }
    }

    private async Task TellAsync(SiloAddress peer)
    {
        try
        {
            await workers.On(peer).LeavesAsync(silo.SiloAddress).WaitAsync(TellTime, time);
        }
        catch (Exception exception)
        {
            Log.LeaveNotTold(logger, peer, exception.Message); // Whatever it was, the silo goes on to leave.
        }
    }
}
