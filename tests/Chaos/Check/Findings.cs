using System.Globalization;

namespace Krewe.Chaos.Check;

/// <summary>Tells what a verdict holds against the engine, a line each, so that it can be found in ledgers and logs.</summary>
internal static class Findings
{
    internal static async Task WriteAsync(Verdict verdict, TextWriter writer)
    {
        foreach (var line in Of(verdict))
        {
            await writer.WriteLineAsync(line);
        }
    }

    internal static IEnumerable<string> Of(Verdict verdict) =>
    [
        .. verdict.Lost.Select(job => $"lost: {job}"),
        .. verdict.Failed.Select(job => $"dead letter: {job}"),
        .. verdict.Unanswered.Select(job => $"wait not answered: {job}"),
        .. verdict.SpentAttempts.Select(job => $"attempt spent: {job}"),
        .. verdict.Flows.Lost.Select(flow => $"flow lost: {flow}"),
        .. verdict.Flows.Wrong.Select(flow => $"flow otherwise than it should be: {flow}"),
        .. verdict.Repeats.Where(repeat => repeat.Kind is RepeatKind.WhileAlive or RepeatKind.AfterItsEnd).Select(repeat => $"{repeat.Kind}: {repeat.First.JobId} {Text(repeat.First)} and {Text(repeat.Second)}"),
    ];

    private static string Text(HandlerRun execution) => string.Create(
        CultureInfo.InvariantCulture,
        $"[attempt {execution.Attempt}, token {execution.Token}, process {execution.ProcessId}, silo {execution.Silo}, {execution.StartedAt.TotalSeconds:0.000}..{execution.EndedAt?.TotalSeconds:0.000} {execution.End}]");
}
