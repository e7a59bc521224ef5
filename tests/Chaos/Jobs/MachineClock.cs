using System.Diagnostics;

namespace Krewe.Chaos.Jobs;

/// <summary>The monotonic clock of the machine: what one process reads can be compared with what another one read.</summary>
internal static class MachineClock
{
    /// <summary>Since an instant that is the same for all processes; on Linux the start of the machine.</summary>
    internal static TimeSpan Now => Stopwatch.GetElapsedTime(0);
}
