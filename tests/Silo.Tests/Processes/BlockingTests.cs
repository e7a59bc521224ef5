using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

public sealed class BlockingTests
{
    private const int Handlers = 100;

    [Fact]
    public async Task Silo_WhenHandlersBlockAHundredThreads_StillAnswersAndRunsOtherJobs()
    {
        var (process, http) = await SiloProcess.ServeAsync("--concurrency", "104");
        await using var silo = process;
        using var client = http;
        http.Timeout = TimeSpan.FromSeconds(30); // By itself the pool would make one or two threads a second.
        var cancellation = TestContext.Current.CancellationToken;
        var bulk = "[" + string.Join(',', Enumerable.Repeat("""{"job":"test.block","args":{}}""", Handlers)) + "]";
        using (var added = await http.PostAsync("/api/jobs/bulk", new StringContent(bulk, Encoding.UTF8, "application/json"), cancellation))
        {
            Assert.Equal(202, (int)added.StatusCode);
        }

        for (var running = 0; running < Handlers;)
        {
            running = await RunningAsync(http) ?? 0;
        }

        await http.ReadyAsync();
        Assert.Equal("echo hello", (await ResultAsync(http, """{"job":"test.echo","args":{"text":"hello"}}""")).GetProperty("value").GetString());
        await http.ReadyAsync();

        Assert.Equal("Succeeded", (await ResultAsync(http, """{"job":"test.unblock","args":{}}""")).GetProperty("state").GetString());
        for (var running = Handlers; running > 0;)
        {
            running = await RunningAsync(http) ?? running;
        }
    }

    /// <summary>Jobs that run; null where the worker did not answer in time.</summary>
    private static async Task<int?> RunningAsync(HttpClient http)
    {
        var workers = await http.GetFromJsonAsync<JsonElement>("/api/workers", TestContext.Current.CancellationToken);
        return workers.GetArrayLength() == 0 ? null : workers[0].GetProperty("running").TryGetProperty("default", out var running) ? running.GetInt32() : 0;
    }

    private static async Task<JsonElement> ResultAsync(HttpClient http, string json)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var added = await http.PostAsync("/api/jobs", new StringContent(json, Encoding.UTF8, "application/json"), cancellation);
        var job = (await added.Content.ReadFromJsonAsync<JsonElement>(cancellation)).GetProperty("id").GetString();
        return await http.GetFromJsonAsync<JsonElement>($"/api/jobs/{job}/result?wait=25s", cancellation);
    }
}
