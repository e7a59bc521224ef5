namespace Krewe.Chaos.Check;

/// <summary>A chord whose enqueue returned.</summary>
/// <param name="FlowId">The flow.</param>
/// <param name="Expected">The results of its members, in the order of its header.</param>
internal sealed record FlowAcknowledgement(string FlowId, IReadOnlyList<int> Expected)
{
    /// <summary>Its jobs, as the flow named them when it had been acknowledged.</summary>
    public IReadOnlyList<ChordJob> Jobs { get; init; } = [];

    /// <summary>How it ended, as who waited for it was told; else how it stands; null: nobody knows it.</summary>
    public JobState? State { get; init; }

    /// <summary>What its body received; null: nobody could read it.</summary>
    public IReadOnlyList<int>? Result { get; init; }

    /// <summary>The jobs that ended, as who followed it was told, in that order.</summary>
    public IReadOnlyList<string> Ends { get; init; } = [];
}

/// <summary>A job of a chord.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Part">What it is for.</param>
internal sealed record ChordJob(string JobId, ChordPart Part)
{
    /// <summary>Where it stood when the chord was looked at last.</summary>
    public JobState State { get; init; } = JobState.Waiting;
}

/// <summary>What a job of a chord is for.</summary>
public enum ChordPart
{
    /// <summary>It is of the header.</summary>
    Member,

    /// <summary>It receives the results of the header.</summary>
    Body,

    /// <summary>It is called when the chord has succeeded.</summary>
    Success,

    /// <summary>It is called when the chord has not.</summary>
    Error,
}
