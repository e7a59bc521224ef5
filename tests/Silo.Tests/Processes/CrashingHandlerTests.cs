using System.Globalization;
using System.Text.Json;
using Krewe.Testing.Cluster;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>A handler that ends its process, beside 400 innocent jobs that run in it: the crash loop ends, the neighbours live.</summary>
public sealed class CrashingHandlerTests : IDisposable
{
    private const int Innocents = 400;
    private const int Aborted = 134;
    private const int MaxDeliveries = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-crash-").FullName;

    private string Ledger => Path.Combine(_folder, "ledger");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task Handler_WhenItCrashesItsEmbeddedProcess_IsADeadLetterAfterThreeDeliveriesAndItsNeighboursSucceed() =>
        CrashAsync(() => ["--data", Path.Combine(_folder, "krewe.db")]);

    [Fact]
    public async Task Handler_WhenItCrashesItsSiloOnRedis_IsADeadLetterAfterThreeDeliveriesAndItsNeighboursSucceed()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await CrashAsync(() => ["--redis", redis.ConnectionString, "--silo-port", Port(), "--gateway-port", Port()]);
    }

    [Fact]
    public async Task Handler_WhenItExitsItsProcess_IsADeadLetterAfterThreeDeliveries()
    {
        await using var silo = new SupervisedSilo(() => ["--data", Path.Combine(_folder, "krewe.db")]);

        var culprit = await silo.AskAsync(http => http.EnqueueAsync("hostile.crash", new { ledger = Ledger, neighbours = 0, exits = true }, new { id = "culprit" }));

        var (state, answer) = await silo.AskAsync(http => http.EndAsync(culprit));
        Assert.Equal(("Failed", "Krewe.WorkerLost"), (state, answer.GetProperty("error").GetProperty("type").GetString()));
        Assert.Equal([1, 1, 1], silo.ExitCodes);
        Assert.Equal("echo still here", await silo.AskAsync(async http => await http.ValueAsync(await http.EnqueueAsync("test.echo", new { text = "still here" }))));
    }

    private async Task CrashAsync(Func<string[]> store)
    {
        await using var silo = new SupervisedSilo(() => [.. store(), "--concurrency", "500"]);

        // Under ids of their own: the crash may come before the answer, and then they are sent again.
        object Innocent(int number) => new { job = "hostile.innocent", args = new { ledger = Ledger }, options = new { id = $"innocent-{number}" } };
        var crash = new { job = "hostile.crash", args = new { ledger = Ledger, neighbours = Innocents }, options = new { id = "culprit" } };
        var jobs = Enumerable.Range(0, Innocents).Select(Innocent).ToList();
        jobs.Insert(Innocents / 2, crash);

        var ids = await silo.AskAsync(http => http.EnqueueManyAsync(jobs));
        var (culprit, innocents) = (ids[Innocents / 2], ids.Where((_, index) => index != Innocents / 2).ToList());

        var (state, answer) = await silo.AskAsync(http => http.EndAsync(culprit));
        Assert.True(state == "Failed", $"Expected a dead letter, got {answer}");
        var story = await silo.AskAsync(http => http.InfoAsync(culprit));
        Assert.Equal(("Krewe.WorkerLost", "Its handler's silo died 3 times, at last while it ran as that silo's one suspect."), LastError(story));
        Assert.Equal(MaxDeliveries, story.GetProperty("lostDeliveries").GetInt32());
        foreach (var id in innocents)
        {
            Assert.Equal("attempt 1", await silo.AskAsync(http => http.ValueAsync(id)));
        }

        Assert.Equal(Enumerable.Repeat(Aborted, MaxDeliveries), silo.ExitCodes);
        var notes = RunLedger.Read(Ledger);
        Assert.Equal(MaxDeliveries, notes.Count(note => note.IsStart && note.JobId == culprit));
        Assert.Equal(innocents.Order(), notes.Where(note => !note.IsStart).Select(note => note.JobId).Distinct().Order());
        Assert.All(notes.GroupBy(note => (note.JobId, note.Process)), life => Assert.InRange(life.Count(note => note.IsStart), 0, 1)); // Nothing ran twice in one life.
    }

    private static (string? Type, string? Message) LastError(JsonElement story)
    {
        var error = story.GetProperty("errors").EnumerateArray().Last();
        return (error.GetProperty("type").GetString(), error.GetProperty("message").GetString());
    }

    private static string Port() => FreePorts.Next().ToString(CultureInfo.InvariantCulture);
}
