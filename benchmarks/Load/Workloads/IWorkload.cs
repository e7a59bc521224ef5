using Krewe.Load.Figures;

namespace Krewe.Load.Workloads;

/// <summary>One question, and how it is answered.</summary>
internal interface IWorkload
{
    /// <summary>What <c>--workload</c> calls it.</summary>
    string Name { get; }

    /// <summary>Jobs per run where <c>--jobs</c> does not say.</summary>
    int DefaultJobs { get; }

    /// <summary>Runs where <c>--runs</c> does not say.</summary>
    int DefaultRuns => 5;

    /// <summary>Whether <c>all</c> runs it.</summary>
    bool IsPartOfAll => true;

    /// <summary>Runs once, on an empty store.</summary>
    Task<IReadOnlyList<Reading>> RunAsync(LoadRun run);
}
