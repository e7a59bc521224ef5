using Krewe.Chaos.Jobs;

namespace Krewe.Chaos.Check;

/// <summary>One run of a handler, as it wrote it down. Instants are of <see cref="MachineClock"/>.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Attempt">1 for the first try.</param>
/// <param name="Token">The token of the claim it ran under.</param>
/// <param name="ProcessId">The process it ran in.</param>
/// <param name="Silo">The silo it ran on, with generation.</param>
/// <param name="StartedAt">When it started.</param>
internal sealed record HandlerRun(string JobId, int Attempt, string Token, int ProcessId, string Silo, TimeSpan StartedAt)
{
    /// <summary>When it ended; null: it did not, or nobody could write it down.</summary>
    public TimeSpan? EndedAt { get; init; }

    /// <summary>How it ended; null with <see cref="EndedAt"/>.</summary>
    public ExecutionEnd? End { get; init; }
}
