using System.Globalization;
using System.Text;

namespace Krewe.Silo.Tests.Processes;

/// <summary>What handlers write down of their runs, outside the engine: a line for each start and each end, in a file of each process, which outlives it.</summary>
internal static class RunLedger
{
    private static readonly Lock Gate = new();
    private static FileStream? _open;

    /// <summary>For handlers: writes a line. What was written is there also when the process is killed the moment after.</summary>
    public static void Note(string file, bool isStart, JobContext context)
    {
        var own = string.Create(CultureInfo.InvariantCulture, $"{file}-{Environment.ProcessId}");
        var line = string.Create(CultureInfo.InvariantCulture, $"{(isStart ? '+' : '-')} {context.JobId} {Environment.ProcessId} {TimeProvider.System.GetUtcNow().UtcTicks}\n");
        lock (Gate)
        {
            if (_open?.Name != own)
            {
                _open?.Dispose();
                _open = new FileStream(own, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            }

            _open.Write(Encoding.UTF8.GetBytes(line));
        }
    }

    /// <summary>For tests: all lines so far, of all processes, in order.</summary>
    public static IReadOnlyList<RunNote> Read(string file) =>
        [.. Directory.GetFiles(Path.GetDirectoryName(file)!, $"{Path.GetFileName(file)}-*").SelectMany(ReadOne).OrderBy(note => note.At)];

    private static List<RunNote> ReadOne(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var notes = new List<RunNote>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Split(' ') is [var what, var job, var process, var ticks])
            {
                notes.Add(new RunNote(what == "+", job, int.Parse(process, CultureInfo.InvariantCulture), new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero)));
            }
        }

        return notes;
    }
}

/// <summary>A handler started or ended.</summary>
internal sealed record RunNote(bool IsStart, string JobId, int Process, DateTimeOffset At);
