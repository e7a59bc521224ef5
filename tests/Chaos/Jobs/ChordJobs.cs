namespace Krewe.Chaos.Jobs;

/// <summary>The jobs of chords have a queue to themselves, with few slots, so that chords outlast the kills among them.</summary>
internal static class ChordJobs
{
    internal const string Queue = "chords";

    /// <summary>Whether a job is one of a chord's.</summary>
    internal static bool Have(string jobId) => jobId.StartsWith($"{Queue}~", StringComparison.Ordinal);
}
