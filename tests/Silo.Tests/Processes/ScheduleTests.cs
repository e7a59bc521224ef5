using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Krewe.Testing.Processes;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>Schedules over silos that are killed and replaced: nothing missed, nothing twice.</summary>
/// <remarks><c>KREWE_TEST_SCHEDULE_KILLS</c> says how many silos are killed or replaced (4), <c>KREWE_TEST_SCHEDULES</c> how many schedules there are (40), <c>KREWE_TEST_SCHEDULE_SECONDS</c> how often they are due (2).</remarks>
[Collection(Alone.Name)]
public sealed class ScheduleTests : IDisposable
{
    private const int Silos = 3;

    /// <summary>What a schedule of a killed silo may be late by: its death is noticed, the directory mends itself, a sweep comes by. Asserted with room for a busy machine; what was seen is printed.</summary>
    private static readonly TimeSpan LateAtMost = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-schedules-").FullName;

    private static readonly int Every = Setting("KREWE_TEST_SCHEDULE_SECONDS", 2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Ledger => Path.Combine(_folder, "ledger");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Schedules_WhenSilosAreKilledAndReplaced_MissNothingAndFireNothingTwice()
    {
        var (kills, count) = (Setting("KREWE_TEST_SCHEDULE_KILLS", 4), Setting("KREWE_TEST_SCHEDULES", 40));
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        var silos = new List<(SiloProcess Process, HttpClient Http)>();
        try
        {
            for (var number = 0; number < Silos; number++)
            {
                silos.Add(await StartAsync(redis));
            }

            var ids = Enumerable.Range(0, count).Select(number => $"s-{number}").ToList();
            foreach (var id in ids)
            {
                await MakeAsync(silos[0].Http, id, new { id, every = $"{Every}s", misfire = "FireAll", maxMisfires = 1_000, job = "test.note", args = new { ledger = Ledger } });
            }

            var random = new Random(kills);
            for (var kill = 0; kill < kills; kill++)
            {
                var index = random.Next(Silos);
                var (process, http) = silos[index];
                if (kill % 2 == 0)
                {
                    await process.KillAsync();
                }
                else
                {
                    process.Send(Signal.Terminate);
                    await process.ExitAsync();
                }

                http.Dispose();
                await process.DisposeAsync();
                silos[index] = await StartAsync(redis);
                await PassAsync(silos[0].Http, TimeSpan.FromSeconds(random.Next(2, 6)));
            }

            await PassAsync(silos[0].Http, TimeSpan.FromSeconds(10));
            await AssertWholeAsync(silos[0].Http, ids, kills);
        }
        finally
        {
            foreach (var (process, http) in silos)
            {
                http.Dispose();
                await process.DisposeAsync();
            }
        }
    }

    private async Task AssertWholeAsync(HttpClient http, List<string> ids, int kills)
    {
        var (fired, latest, lates) = (0L, TimeSpan.Zero, new List<TimeSpan>());
        var expected = new HashSet<string>();
        foreach (var id in ids)
        {
            using var paused = await http.PostAsync($"/api/schedules/{id}/pause", null, Cancellation);
            var schedule = await paused.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            schedule = await http.GetFromJsonAsync<JsonElement>($"/api/schedules/{id}", Cancellation);
            var (created, last) = (schedule.GetProperty("createdAt").GetDateTimeOffset(), schedule.GetProperty("lastDue").GetDateTimeOffset());
            var anchor = created.AddTicks((TimeSpan.TicksPerSecond - (created.UtcTicks % TimeSpan.TicksPerSecond)) % TimeSpan.TicksPerSecond);
            var dues = Enumerable.Range(1, (int)((last - anchor).TotalSeconds / Every)).Select(number => anchor.AddSeconds(Every * number)).ToList();
            var incarnation = schedule.GetProperty("etag").GetString()!.Split('-')[0];
            expected.UnionWith(dues.Select(due => $"{id}.{incarnation}.{due.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}"));
            Assert.Equal((dues.Count, 0L, 0L), (schedule.GetProperty("fired").GetInt64(), schedule.GetProperty("missed").GetInt64(), schedule.GetProperty("skipped").GetInt64()));
            lates.AddRange(schedule.GetProperty("occurrences").EnumerateArray().Select(occurrence => TimeSpan.Parse(occurrence.GetProperty("lateness").GetString()!, CultureInfo.InvariantCulture)));
            fired += dues.Count;
        }

        await http.DrainedAsync();
        var runs = RunLedger.Read(Ledger).GroupBy(note => note.JobId.Split('~')[2]).ToDictionary(run => run.Key, run => run.Count());
        lates.Sort();
        latest = lates[^1];
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| kills and replacements | {kills} |\n| schedules, every {Every} s | {ids.Count} |\n| due | {expected.Count} |\n| enqueued | {fired} |\n| missed | {expected.Count(id => !runs.ContainsKey(id))} |\n| ran under an id that was not due | {runs.Count(run => !expected.Contains(run.Key))} |\n| ran again after a kill | {runs.Values.Sum(count => count - 1)} |\n| lateness of the last 50 of each: p50, p99, max | {lates[lates.Count / 2].TotalMilliseconds:N0} ms, {lates[(int)(lates.Count * 0.99)].TotalMilliseconds:N0} ms, {latest.TotalMilliseconds:N0} ms |"));
        Assert.Equal(expected.Order(StringComparer.Ordinal), runs.Keys.Order(StringComparer.Ordinal));
        Assert.InRange(latest, TimeSpan.Zero, LateAtMost);
    }

    [Fact]
    public async Task Schedules_OverHttp_AreMadeReadChangedAndRemoved()
    {
        var (silo, client) = await SiloProcess.ServeAsync("--data", Path.Combine(_folder, "krewe.db"));
        await using var process = silo;
        using var http = client;
        var made = await MakeAsync(http, "nightly", new { id = "nightly", cron = "0 2 * * *", timeZone = "Europe/Berlin", job = "test.echo", args = new { text = "a" }, description = "d", options = new { priority = 3 } });

        // What GET answers can be sent back as it is.
        using var put = await http.PutAsJsonAsync("/api/schedules/nightly", made, Cancellation);
        var same = await put.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal((200, made.GetProperty("etag").GetString()), ((int)put.StatusCode, same.GetProperty("etag").GetString()));

        using var patch = await http.PatchAsJsonAsync("/api/schedules/nightly", new { cron = "0 3 * * *", description = (string?)null }, Cancellation);
        var patched = await patch.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(("At 03:00, Europe/Berlin", JsonValueKind.Null, 3), (patched.GetProperty("text").GetString(), patched.GetProperty("description").ValueKind, patched.GetProperty("options").GetProperty("priority").GetInt32()));

        using var stale = new HttpRequestMessage(HttpMethod.Put, "/api/schedules/nightly") { Content = JsonContent.Create(made) };
        stale.Headers.TryAddWithoutValidation("If-Match", $"\"{made.GetProperty("etag").GetString()}\"");
        using var refused = await http.SendAsync(stale, Cancellation);
        Assert.Equal(409, (int)refused.StatusCode);

        using var triggered = await http.PostAsync("/api/schedules/nightly/trigger", null, Cancellation);
        var occurrence = await triggered.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(202, (int)triggered.StatusCode);
        Assert.Equal("echo a", await http.ValueAsync(occurrence.GetProperty("jobId").GetString()!));

        using var backfilled = await http.PostAsJsonAsync("/api/schedules/nightly/backfill", new { from = "2026-03-28T00:00:00Z", to = "2026-03-30T00:00:00Z", dryRun = true }, Cancellation);
        var fill = await backfilled.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(["2026-03-28T02:00:00+00:00", "2026-03-29T01:00:00+00:00"], fill.GetProperty("occurrences").EnumerateArray().Select(each => each.GetProperty("due").GetString()!));

        using var removed = await http.DeleteAsync("/api/schedules/nightly", Cancellation);
        using var again = await http.DeleteAsync("/api/schedules/nightly", Cancellation);
        Assert.Equal((204, 404), ((int)removed.StatusCode, (int)again.StatusCode));
    }

    [Fact]
    public async Task Schedules_OfTheConfiguration_AreThereWithTheirArgs()
    {
        const string settings = """
            {"Krewe": {"Schedules": {"greet": {"Every": "1s", "Jitter": "0s", "Job": "test.echo", "Args": {"Text": "hello", "every": "week"}, "MaxRuns": 1}}}}
            """;
        await using var silo = SiloProcess.StartWithSettings(settings, "--urls", "http://127.0.0.1:0", "--jobs", SiloProcess.Handlers, "--data", Path.Combine(_folder, "krewe.db"));
        using var http = await silo.ServedAsync() ?? throw new InvalidOperationException($"The silo did not serve: {silo.Error} {silo.Output}");
        for (var tries = 0; ; tries++)
        {
            Assert.InRange(tries, 0, 300);
            using var answer = await http.GetAsync("/api/schedules/greet", Cancellation);
            if (answer.IsSuccessStatusCode && await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation) is var schedule && schedule.GetProperty("state").GetString() == "Ended")
            {
                Assert.Equal(("Configuration", """{"every":"week","Text":"hello"}"""), (schedule.GetProperty("source").GetString(), schedule.GetProperty("args").GetRawText()));
                Assert.Equal("echo hello", await http.ValueAsync(schedule.GetProperty("occurrences")[0].GetProperty("jobId").GetString()!));
                return;
            }

            await PassAsync(http, TimeSpan.FromMilliseconds(100));
        }
    }

    private static async Task<JsonElement> MakeAsync(HttpClient http, string id, object schedule)
    {
        using var made = await http.PostAsJsonAsync("/api/schedules", schedule, Cancellation);
        var answer = await made.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.True((int)made.StatusCode == 201, $"Expected 201 for {id}, got {(int)made.StatusCode}: {answer}");
        return answer;
    }

    /// <summary>Lets time pass by the clock of the engine: a job that waits for it has run.</summary>
    private static async Task PassAsync(HttpClient http, TimeSpan time) =>
        Assert.Equal("echo now", await http.ValueAsync(await http.EnqueueAsync("test.echo", new { text = "now" }, new { delay = time.ToString("c", CultureInfo.InvariantCulture) })));

    private static Task<(SiloProcess Process, HttpClient Http)> StartAsync(RedisServer redis) =>
        SiloProcess.ServeAsync("--redis", redis.ConnectionString, "--silo-port", SiloProcess.FreePort(), "--gateway-port", SiloProcess.FreePort());

    private static int Setting(string name, int unlessSaid) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : unlessSaid;
}
