using System.Net.Http.Json;
using System.Text.Json;
using Krewe.Testing.Processes;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>The disk of an embedded silo is full, and then free again.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int Running = 3;
    private static readonly int[] Refusals = [429, 503];
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-full-").FullName;
    private readonly List<string> _acknowledged = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Ledger => Path.Combine(_folder, "ledger");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task Silo_WhenItsFilesystemIsFull_RefusesNewJobsAndFinishesAllThatItTookOnceThereIsRoom() => FillAndFreeAsync(isFilesystem: true);

    [Fact]
    public Task Silo_WhenItsFilesMayNotGrow_RefusesNewJobsAndFinishesAllThatItTookOnceThereIsRoom() => FillAndFreeAsync(isFilesystem: false);

    private async Task FillAndFreeAsync(bool isFilesystem)
    {
        using var disk = new SmallDisk(isFilesystem);
        var (process, http) = await SiloProcess.ServeAsync(new SiloSurroundings { SurvivesFileSizeLimit = true }, "--data", disk.DataFile);
        await using var silo = process;
        using var client = http;
        var go = Path.Combine(_folder, "go");
        var running = await http.EnqueueManyAsync(Enumerable.Repeat(new { job = "hostile.noted_until", args = new { ledger = Ledger, file = go } }, Running));
        foreach (var id in running)
        {
            await http.RunningAsync(id);
        }

        var due = await http.EnqueueAsync("hostile.noted", new { ledger = Ledger }, new { delay = "2s" });
        await disk.FillAsync(silo);
        var refused = await EnqueueUntilRefusedAsync(http);

        Assert.Equal("Healthy", await http.GetStringAsync("/health/live", Cancellation));
        await File.WriteAllTextAsync(go, "", Cancellation);
        while (RunLedger.Read(Ledger).Count(note => !note.IsStart && running.Contains(note.JobId)) < Running)
        {
            await Task.Delay(Look, TimeProvider.System, Cancellation); // They end, though it may be that nothing of it can be recorded.
        }

        disk.Free(silo);

        foreach (var id in (string[])[.. running, due, .. _acknowledged])
        {
            Assert.Equal("attempt 1", await http.ValueAsync(id));
        }

        Assert.Equal("attempt 1", await http.ValueAsync(await http.EnqueueAsync("hostile.noted", Args, new { id = refused })));
        var runs = RunLedger.Read(Ledger).Where(note => note.IsStart).GroupBy(note => note.JobId).Select(runs => runs.Count());
        Assert.All(runs, count => Assert.Equal(1, count));
        silo.Send(Signal.Terminate);
        Assert.Equal(0, await silo.ExitAsync());
    }

    private object Args => new { ledger = Ledger, padding = new string('x', 8_000) };

    /// <summary>Enqueues until there is no room, and gives the id of the job that was refused.</summary>
    private async Task<string> EnqueueUntilRefusedAsync(HttpClient http)
    {
        for (var number = 0; number < 10_000; number++)
        {
            var id = $"full-{number}";
            using var added = await http.PostAsJsonAsync("/api/jobs", new { job = "hostile.noted", args = Args, options = new { id } }, Cancellation);
            var answer = await added.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            if ((int)added.StatusCode != 202)
            {
                // 429 while there is room for the refusal itself, 503 when there is none even for that.
                var sentence = (int)added.StatusCode == 429 ? "it is at its limit, or its store is full. Try again later" : "look at the disk's space and health, then try again";
                Assert.Contains((int)added.StatusCode, Refusals);
                Assert.NotNull(added.Headers.RetryAfter);
                Assert.Contains(sentence, answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
                return id;
            }

            _acknowledged.Add(answer.GetProperty("id").GetString()!);
        }

        throw new InvalidOperationException("The disk did not become full.");
    }
}
