namespace Krewe.Chaos.Check;

/// <summary>What a run has shown of chords.</summary>
internal sealed record FlowVerdict
{
    public required int Acknowledged { get; init; }

    /// <summary>Chords that succeeded.</summary>
    public required int Succeeded { get; init; }

    /// <summary>Members that completed.</summary>
    public required int Members { get; init; }

    /// <summary>Chords whose body completed exactly once.</summary>
    public required int BodiesOnce { get; init; }

    /// <summary>Chords whose body completed more than once: its silo died before the first one's outcome was recorded.</summary>
    public required int BodiesAgain { get; init; }

    /// <summary>Chords that are unknown or not final, or of which a job has not completed that must have. Says which and why.</summary>
    public required IReadOnlyList<string> Lost { get; init; }

    /// <summary>Chords that failed, whose body received something else than all results in order, or whose outcome or whose ends were told otherwise than once each. Says which and why.</summary>
    public required IReadOnlyList<string> Wrong { get; init; }

    /// <summary>Members that ran on silos when these were killed.</summary>
    public required int MembersMet { get; init; }

    /// <summary>Bodies that ran on silos when these were killed.</summary>
    public required int BodiesMet { get; init; }

    /// <summary>Late outcomes of chords' jobs that were dropped.</summary>
    public required int Fenced { get; init; }
}
