using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>An embedded process is killed at any instant, again and again. <c>KREWE_TEST_KILLS</c> says how often, <c>KREWE_TEST_KILLS_FROM</c> with which seed it begins.</summary>
[Collection(Alone.Name)]
public sealed class KilledAtAnyInstantTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 10;

    /// <summary>The promise is 1 s for a process that has a quiet machine to itself; what was seen is printed.</summary>
    private static readonly TimeSpan RunsAgainWithin = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-killed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task EmbeddedProcess_WhenKilledAtAnyInstant_LosesNothingAcknowledgedAndRunsNothingTwiceAtOnce()
    {
        var (kills, from) = (Setting("KREWE_TEST_KILLS", Kills), Setting("KREWE_TEST_KILLS_FROM", 1));
        var load = new KilledLoad(_folder);
        var began = Stopwatch.GetTimestamp();
        for (var seed = from; seed < from + kills; seed++)
        {
            await load.KillOnceAsync(seed);
        }

        var lost = await load.SettleAsync();

        var notes = RunLedger.Read(load.Ledger);
        var twice = TwiceAtOnce(notes);
        var afterTheEnd = notes.Where(note => note.IsStart && load.SeenSucceeded.TryGetValue(note.JobId, out var at) && note.At > at).ToList();
        var slowest = load.UntilRunAgain.DefaultIfEmpty().Max();
        output.WriteLine($"| kills | {kills}, seeds {from}..{from + kills - 1}, {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s |");
        output.WriteLine($"| acknowledged | {load.Acknowledged.Count} |");
        output.WriteLine($"| runs | {notes.Count(note => note.IsStart)} |");
        output.WriteLine($"| lost | {lost.Count} |");
        output.WriteLine($"| run twice at once | {twice.Count} |");
        output.WriteLine($"| run again after they were seen finished | {afterTheEnd.Count} of {load.SeenSucceeded.Count} |");
        output.WriteLine($"| interrupted, until they run again | {load.UntilRunAgain.Count}; p50 {Median(load.UntilRunAgain).TotalMilliseconds:0} ms, max {slowest.TotalMilliseconds:0} ms after the process served |");
        Assert.Empty(lost);
        Assert.Empty(twice);
        Assert.Empty(afterTheEnd);
        Assert.NotEmpty(load.UntilRunAgain); // Else nothing was interrupted, and that proves nothing.
        Assert.InRange(Median(load.UntilRunAgain), TimeSpan.Zero, RunsAgainWithin);
    }

    /// <summary>Jobs with two runs that overlap: in one process before the first ended, or in two processes that both went on.</summary>
    private static List<RunNote> TwiceAtOnce(IReadOnlyList<RunNote> notes)
    {
        var (running, over, process) = (new HashSet<string>(), new HashSet<int>(), 0);
        var twice = new List<RunNote>();
        foreach (var note in notes)
        {
            if (note.Process != process)
            {
                over.Add(process);
                running.Clear(); // The process that ran them is dead.
                process = note.Process;
            }

            if (over.Contains(process) || (note.IsStart ? !running.Add(note.JobId) : !running.Remove(note.JobId)))
            {
                twice.Add(note);
            }
        }

        return twice;
    }

    private static TimeSpan Median(IReadOnlyList<TimeSpan> times) => times.Order().ElementAtOrDefault(times.Count / 2);

    private static int Setting(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
