using System.Globalization;
using Krewe.Chaos.Jobs;

namespace Krewe.Chaos.Check;

/// <summary>Reads what handlers wrote down.</summary>
internal static class LedgerReader
{
    private const int StartFields = 7;
    private const int EndFields = 8;

    /// <summary>The executions of all processes that wrote to a folder.</summary>
    internal static IReadOnlyList<HandlerRun> Read(string folder) => [.. Directory.EnumerateFiles(folder, ExecutionLedger.FilePattern).SelectMany(ReadFile)];

    /// <summary>The executions that one file tells of so far.</summary>
    internal static IReadOnlyList<HandlerRun> ReadFile(string path) => Parse(Lines(path));

    /// <summary>The executions of one process. An end belongs to the oldest start of its token that has none.</summary>
    internal static IReadOnlyList<HandlerRun> Parse(IEnumerable<string> lines)
    {
        var executions = new List<HandlerRun>();
        var open = new Dictionary<string, Queue<int>>();
        foreach (var fields in lines.Select(line => line.Split('\t')))
        {
            switch (fields)
            {
                case ["start", ..] when fields.Length == StartFields:
                    (open.TryGetValue(fields[3], out var starts) ? starts : open[fields[3]] = new()).Enqueue(executions.Count);
                    executions.Add(new(fields[1], Number(fields[2]), fields[3], Number(fields[4]), fields[5], At(fields[6])));
                    break;
                case ["end", ..] when fields.Length == EndFields:
                    var index = open[fields[3]].Dequeue();
                    executions[index] = executions[index] with { EndedAt = At(fields[6]), End = Enum.Parse<ExecutionEnd>(fields[7]) };
                    break;
                default:
                    throw new InvalidDataException($"A ledger line must be a start of {StartFields} or an end of {EndFields} fields, got '{string.Join(' ', fields)}'.");
            }
        }

        return executions;
    }

    /// <summary>Whole lines; the last one of a killed process may be none.</summary>
    private static string[] Lines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Split('\n')[..^1];
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static TimeSpan At(string ticks) => new(long.Parse(ticks, CultureInfo.InvariantCulture));
}
