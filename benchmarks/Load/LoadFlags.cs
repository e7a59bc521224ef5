namespace Krewe.Load;

/// <summary>What one call of the program measures.</summary>
internal sealed record LoadFlags
{
    /// <summary><c>redis</c> or <c>sqlite</c>.</summary>
    public required string Store { get; init; }

    /// <summary>A workload's name, or <c>all</c>.</summary>
    public required string Workload { get; init; }

    /// <summary>A server that is there already, as <c>host:port</c>; null: one of our own.</summary>
    public string? Redis { get; init; }

    /// <summary>Runs per figure, each on an empty store and a new silo, 1..100; null: what the workload takes by itself.</summary>
    public int? Runs { get; init; }

    /// <summary>Jobs per run, 1..10,000,000; null: what the workload takes by itself.</summary>
    public int? Jobs { get; init; }

    /// <summary>Silos of this process that make the cluster, 1..9; more than 1 on Redis only.</summary>
    public required int Silos { get; init; }

    /// <summary>Slots of all silos together, 1..10,000.</summary>
    public required int Concurrency { get; init; }

    /// <summary>Callers that enqueue one by one, each awaiting its call; 1..10,000.</summary>
    public required int Callers { get; init; }

    /// <summary>How long <c>soak</c> lasts, 10..86,400 seconds.</summary>
    public required int Seconds { get; init; }

    /// <summary>Jobs a second of <c>soak</c>, 1..100,000.</summary>
    public required int Rate { get; init; }
}
