using System.Globalization;
using Krewe.Chaos.Check;

namespace Krewe.Chaos;

/// <summary>Writes a verdict as one table in Markdown, one figure a row.</summary>
internal static class ChaosTable
{
    /// <param name="command">What was run.</param>
    /// <param name="settings">With what.</param>
    /// <param name="verdict">What it has shown.</param>
    /// <param name="unacknowledged">Enqueues that threw.</param>
    internal static string Of(string command, ChaosSettings settings, Verdict verdict, int unacknowledged) => string.Join('\n', Rows(command, settings, verdict, unacknowledged).Select(row => $"| {row.Name} | {row.Figure} |"));

    private static IEnumerable<(string Name, string Figure)> Rows(string command, ChaosSettings settings, Verdict verdict, int unacknowledged) =>
    [
        ("figure", "value"),
        ("---", "---"),
        ("command", $"`{command}`"),
        ("seed", Text(settings.Seed)),
        ("faults", Text(settings.Plan.Count)),
        .. settings.Plan.GroupBy(planned => planned.Fault.Name).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => ($"faults: {group.Key}", Text(group.Count()))),
        ("acknowledged", Text(verdict.Acknowledged)),
        ("not acknowledged", Text(unacknowledged)),
        ("finished", Text(verdict.Finished)),
        ("lost", Text(verdict.Lost.Count)),
        ("lost with the last second of Redis (everysec)", Text(verdict.LostWithTheStore.Count)),
        ("run twice while the first was alive", Text(verdict.Count(RepeatKind.WhileAlive))),
        ("run twice by a zombie", Text(verdict.Count(RepeatKind.ByZombie))),
        ("run again after a death", Text(verdict.Count(RepeatKind.AfterDeath))),
        ("run again though it had ended", Text(verdict.Count(RepeatKind.AfterItsEnd))),
        ("fenced results", Text(verdict.Fenced)),
        ("dead letters beside those that crash", Text(verdict.Failed.Count)),
        ("attempts spent beside the jobs' own failures", Text(verdict.SpentAttempts.Count)),
        ("waits not answered", Text(verdict.Unanswered.Count)),
        .. Times("declared dead", verdict.Declarations),
        .. Times("recovery", verdict.Recoveries),
    ];

    private static IEnumerable<(string Name, string Figure)> Times(string what, IEnumerable<(string Fault, TimeSpan Time)> times) =>
        from fault in times.GroupBy(time => time.Fault).OrderBy(found => found.Key, StringComparer.Ordinal)
        let sorted = fault.Select(time => time.Time).Order().ToList()
        from row in new[] { ("p50", sorted[(sorted.Count - 1) / 2]), ("max", sorted[^1]) }
        select ($"{what} {row.Item1}, {fault.Key}", string.Create(CultureInfo.InvariantCulture, $"{row.Item2.TotalSeconds:0.00} s"));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
