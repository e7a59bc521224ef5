namespace Krewe.Chaos.Check;

/// <summary>All that was written down during a run and that its verdict is drawn from. Instants are of one clock.</summary>
internal sealed record Evidence
{
    /// <summary>Every enqueue that was acknowledged, with what became of it.</summary>
    public required IReadOnlyList<Acknowledgement> Acknowledged { get; init; }

    /// <summary>Every execution, in any order.</summary>
    public required IReadOnlyList<HandlerRun> Executions { get; init; }

    /// <summary>By silo that was declared dead: the last instant at which the cluster's table surely still had it as a member.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Deaths { get; init; } = new Dictionary<string, TimeSpan>();

    /// <summary>By process that ended: when it had surely run for the last time.</summary>
    public IReadOnlyDictionary<int, TimeSpan> Exits { get; init; } = new Dictionary<int, TimeSpan>();

    /// <summary>What was done to silos.</summary>
    public IReadOnlyList<Strike> Strikes { get; init; } = [];

    /// <summary>When the store was killed that writes to disk once a second.</summary>
    public IReadOnlyList<TimeSpan> StoreLosses { get; init; } = [];

    /// <summary>The jobs of the late outcomes that the silos said they dropped, one for each.</summary>
    public IReadOnlyList<string> Fenced { get; init; } = [];

    /// <summary>Every chord whose enqueue was acknowledged, with what became of it.</summary>
    public IReadOnlyList<FlowAcknowledgement> Flows { get; init; } = [];
}

/// <summary>An enqueue that returned.</summary>
/// <param name="JobId">The job.</param>
/// <param name="At">When it had returned.</param>
/// <param name="Failures">Attempts that are to fail.</param>
internal sealed record Acknowledgement(string JobId, TimeSpan At, int Failures = 0)
{
    /// <summary>What the job was in the end; null: nobody knows it any more.</summary>
    public JobState? State { get; init; }

    /// <summary>Why whoever waited for its end was not told of it; null: it was.</summary>
    public string? WaitProblem { get; init; }

    /// <summary>Whether the job is one that ends its processes, so that it must become a dead letter.</summary>
    public bool IsCrash { get; init; }
}

/// <summary>What was done to one silo's process.</summary>
/// <param name="Fault">The fault's name.</param>
/// <param name="ProcessId">The process.</param>
/// <param name="At">Just before it was done.</param>
internal sealed record Strike(string Fault, int ProcessId, TimeSpan At)
{
    /// <summary>The silo, with generation; null: it was never seen as a member.</summary>
    public string? Silo { get; init; }
}
