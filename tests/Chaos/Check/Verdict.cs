using Krewe.Chaos.Jobs;

namespace Krewe.Chaos.Check;

/// <summary>What a run has shown.</summary>
internal sealed record Verdict
{
    public required int Acknowledged { get; init; }

    /// <summary>Acknowledged jobs that are final.</summary>
    public required int Finished { get; init; }

    /// <summary>Acknowledged jobs that are unknown or not final, or that succeeded though no execution completed.</summary>
    public required IReadOnlyList<string> Lost { get; init; }

    /// <summary>Acknowledged jobs that are unknown and were acknowledged in the last second of a store that writes once a second.</summary>
    public required IReadOnlyList<string> LostWithTheStore { get; init; }

    /// <summary>Dead letters beside the jobs that were made to become one.</summary>
    public required IReadOnlyList<string> Failed { get; init; }

    /// <summary>Acknowledged jobs of whose end the waiting caller was not told, and why.</summary>
    public required IReadOnlyList<string> Unanswered { get; init; }

    /// <summary>Executions that came after another one of their job, by what that other one was then; retries and hand-backs are none.</summary>
    public required IReadOnlyList<Repeat> Repeats { get; init; }

    /// <summary>Jobs that ran at a higher attempt than their own failures explain.</summary>
    public required IReadOnlyList<string> SpentAttempts { get; init; }

    /// <summary>The jobs of the late outcomes that were dropped, one for each.</summary>
    public required IReadOnlyList<string> Fenced { get; init; }

    /// <summary>From a strike to the next start of a job that ran there, by fault.</summary>
    public required IReadOnlyList<(string Fault, TimeSpan Time)> Recoveries { get; init; }

    /// <summary>From a strike to the silo's death in the cluster's table, by fault.</summary>
    public required IReadOnlyList<(string Fault, TimeSpan Time)> Declarations { get; init; }

    /// <summary>What it has shown of chords.</summary>
    public required FlowVerdict Flows { get; init; }

    /// <summary>How it was stopped before its end; null: it was not.</summary>
    public Stop? Stopped { get; init; }

    /// <summary>Whether the promise held: nothing lost, nothing run twice while its first silo was a member, and each chord as it should be, with no job that ran again though it had ended.</summary>
    public bool Holds => Lost.Count == 0 && Count(RepeatKind.WhileAlive) == 0 && Flows is { Lost.Count: 0, Wrong.Count: 0 } && CountOfChords(RepeatKind.AfterItsEnd) == 0;

    public int Count(RepeatKind kind) => Repeats.Count(repeat => repeat.Kind == kind);

    public int CountOfChords(RepeatKind kind) => Repeats.Count(repeat => repeat.Kind == kind && ChordJobs.Have(repeat.First.JobId));
}

/// <summary>The end of a run that was stopped in the middle.</summary>
/// <param name="Faults">Faults that were over.</param>
/// <param name="Open">Acknowledged jobs and chords that had not ended, and on which there is no verdict.</param>
internal sealed record Stop(int Faults, int Open);

/// <summary>A second execution of a job.</summary>
internal sealed record Repeat(RepeatKind Kind, HandlerRun First, HandlerRun Second);

/// <summary>What the first execution was when the second one started; the worst first.</summary>
public enum RepeatKind
{
    /// <summary>It ran, and its silo was a member of the cluster.</summary>
    WhileAlive,

    /// <summary>Its process ran, and its silo had been declared dead; or the second one's silo had been, and started it all the same.</summary>
    ByZombie,

    /// <summary>It had completed, and its silo was a member.</summary>
    AfterItsEnd,

    /// <summary>It was lost with its process, or its outcome was.</summary>
    AfterDeath,

    /// <summary>It had failed or was stopped by its token: the second is no repetition.</summary>
    HandedOn,
}
