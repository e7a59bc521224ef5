namespace Krewe.Execution;

/// <summary>How many threads the thread pool makes without waiting. Pure.</summary>
internal static class ThreadFloor
{
    /// <summary>Threads by which it is raised or lowered.</summary>
    internal const int Step = 8;

    /// <summary>How long a work item may wait before the pool counts as stalled.</summary>
    internal static readonly TimeSpan StallAfter = TimeSpan.FromMilliseconds(200);

    /// <summary>How long no work item may have waited before the floor is lowered.</summary>
    internal static readonly TimeSpan CalmAfter = TimeSpan.FromSeconds(10);

    /// <summary>Work items that a stalled pool ends at most between two looks. A pool that is merely busy ends thousands, and more threads would make it slower.</summary>
    internal const int StalledEnds = 50;

    /// <summary>The next floor.</summary>
    /// <param name="floor">The one in force.</param>
    /// <param name="lowest">The process's own.</param>
    /// <param name="running">Handlers that were handed to the pool and have not ended: each may block one thread.</param>
    /// <param name="waited">How long the oldest probe waits, or the last one waited.</param>
    /// <param name="ended">Work items that ended since the last look.</param>
    /// <param name="calm">How long no probe has waited for too long.</param>
    internal static int Next(int floor, int lowest, int running, TimeSpan waited, long ended, TimeSpan calm)
    {
        var enough = lowest + running;
        if (waited >= StallAfter && ended < StalledEnds)
        {
            return Math.Max(floor, Math.Min(floor + Step, enough));
        }

        return calm >= CalmAfter && floor > enough ? Math.Max(floor - Step, enough) : floor;
    }
}
