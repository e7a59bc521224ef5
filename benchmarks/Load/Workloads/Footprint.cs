using System.Diagnostics;
using System.Runtime;

namespace Krewe.Load.Workloads;

/// <summary>What this process takes of the machine.</summary>
internal static class Footprint
{
    /// <summary>Resident memory after a full, compacting collection that gives free memory back.</summary>
    internal static long SettledBytes()
    {
        for (var round = 0; round < 2; round++)
        {
            GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    /// <summary>Resident memory as it is.</summary>
    internal static long ResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    /// <summary>Processor time of all threads since the process started.</summary>
    internal static TimeSpan ProcessorTime()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
