using System.Globalization;
using Krewe.Chaos.Check;
using Krewe.Chaos.Faults;
using Krewe.Chaos.Load;

namespace Krewe.Chaos;

/// <summary>Writes a verdict as one table in Markdown, one figure a row.</summary>
internal static class ChaosTable
{
    /// <param name="command">What was run.</param>
    /// <param name="settings">With what.</param>
    /// <param name="verdict">What it has shown.</param>
    /// <param name="refused">Enqueues that threw.</param>
    internal static string Of(string command, ChaosSettings settings, Verdict verdict, Refused refused) => string.Join('\n', Rows(command, settings, verdict, refused).Select(row => $"| {row.Name} | {row.Figure} |"));

    private static IEnumerable<(string Name, string Figure)> Rows(string command, ChaosSettings settings, Verdict verdict, Refused refused) =>
    [
        ("figure", "value"),
        ("---", "---"),
        ("command", $"`{command}`"),
        ("seed", Text(settings.Seed)),
        ("faults", Text(settings.Plan.Count)),
        .. settings.Plan.GroupBy(planned => planned.Fault.Name).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => ($"faults: {group.Key}", Text(group.Count()))),
        .. verdict.Stopped is { } stopped ? [("stopped before its end, after so many faults", Text(stopped.Faults)), ("not ended by then, and not judged", Text(stopped.Open))] : Array.Empty<(string, string)>(),
        ("acknowledged", Text(verdict.Acknowledged)),
        ("not acknowledged", Text(refused.Jobs)),
        ("finished", Text(verdict.Finished)),
        ("lost", Text(verdict.Lost.Count)),
        ("lost with the last second of Redis (everysec)", Text(verdict.LostWithTheStore.Count)),
        ("run twice while the first was alive", Text(verdict.Count(RepeatKind.WhileAlive))),
        ("run twice by a zombie", Text(verdict.Count(RepeatKind.ByZombie))),
        ("run again after a death", Text(verdict.Count(RepeatKind.AfterDeath))),
        ("run again though it had ended", Text(verdict.Count(RepeatKind.AfterItsEnd))),
        ("fenced results", Text(verdict.Fenced.Count)),
        ("dead letters beside those that crash", Text(verdict.Failed.Count)),
        ("attempts spent beside the jobs' own failures", Text(verdict.SpentAttempts.Count)),
        ("waits not answered", Text(verdict.Unanswered.Count)),
        .. settings.Plan.Any(planned => planned.Fault is FlowsFault) ? Rows(settings.Chords, verdict, refused.Chords) : [],
        .. Times("declared dead", verdict.Declarations),
        .. Times("recovery", verdict.Recoveries),
    ];

    private static IEnumerable<(string Name, string Figure)> Rows(ChordSettings settings, Verdict verdict, int repeated) =>
    [
        ("flows: members of each", Text(settings.Members)),
        ("flows: acknowledged", Text(verdict.Flows.Acknowledged)),
        ("flows: enqueues repeated because they threw", Text(repeated)),
        ("flows: ended and succeeded", Text(verdict.Flows.Succeeded)),
        ("flows: members completed", Text(verdict.Flows.Members)),
        ("flows: bodies completed once", Text(verdict.Flows.BodiesOnce)),
        ("flows: bodies completed again after a death", Text(verdict.Flows.BodiesAgain)),
        ("flows: members that were running on a silo when it was killed", Text(verdict.Flows.MembersMet)),
        ("flows: bodies that were running on a silo when it was killed", Text(verdict.Flows.BodiesMet)),
        ("flows: lost", Text(verdict.Flows.Lost.Count)),
        ("flows: otherwise than they should be", Text(verdict.Flows.Wrong.Count)),
        ("flows: run twice while the first was alive", Text(verdict.CountOfChords(RepeatKind.WhileAlive))),
        ("flows: run again after a death", Text(verdict.CountOfChords(RepeatKind.AfterDeath))),
        ("flows: run again though it had ended", Text(verdict.CountOfChords(RepeatKind.AfterItsEnd))),
        ("flows: fenced results", Text(verdict.Flows.Fenced)),
    ];

    private static IEnumerable<(string Name, string Figure)> Times(string what, IEnumerable<(string Fault, TimeSpan Time)> times) =>
        from fault in times.GroupBy(time => time.Fault).OrderBy(found => found.Key, StringComparer.Ordinal)
        let sorted = fault.Select(time => time.Time).Order().ToList()
        from row in new[] { ("p50", sorted[(sorted.Count - 1) / 2]), ("max", sorted[^1]) }
        select ($"{what} {row.Item1}, {fault.Key}", string.Create(CultureInfo.InvariantCulture, $"{row.Item2.TotalSeconds:0.00} s"));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
