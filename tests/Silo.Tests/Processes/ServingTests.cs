using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Krewe.Testing.Processes;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

public sealed class ServingTests
{
    [Fact]
    public async Task Silo_WhenJobComesOverHttp_RunsItWithTheHandlersServices()
    {
        var (process, http) = await SiloProcess.ServeAsync();
        await using var silo = process;
        using var client = http;

        var job = await EnqueueAsync(http, """{"job":"test.echo","args":{"text":"hello"}}""");
        var result = await http.GetFromJsonAsync<JsonElement>($"/api/jobs/{job}/result?wait=1m", TestContext.Current.CancellationToken);

        Assert.Equal("echo hello", result.GetProperty("value").GetString());
        await http.ReadyAsync();
        Assert.Contains("krewe_", await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("<html", await http.GetStringAsync("/orleans", TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(404, await StatusAsync(http, """{"job":"test.ehco","args":{}}"""));
        Assert.Equal(400, await StatusAsync(http, """{"job":"test.echo","args":{}}"""));
        Assert.Equal(413, await StatusAsync(http, $$$"""{"job":"test.echo","args":{"text":"{{{new string('x', 1024 * 1024)}}}"}}"""));

        silo.Send(Signal.Terminate);
        Assert.Equal(0, await silo.ExitAsync());
        Assert.Empty(silo.Error);
    }

    [Fact]
    public async Task Silo_WhenTwoRunSideBySide_HaveFilesAndPortsOfTheirOwn()
    {
        var (first, firstHttp) = await SiloProcess.ServeAsync();
        await using var one = first;
        using var oneClient = firstHttp;
        var (second, secondHttp) = await SiloProcess.ServeAsync();
        await using var two = second;
        using var twoClient = secondHttp;

        Assert.Single((await firstHttp.GetFromJsonAsync<JsonElement>("/api/workers", TestContext.Current.CancellationToken)).EnumerateArray());
        Assert.Single((await secondHttp.GetFromJsonAsync<JsonElement>("/api/workers", TestContext.Current.CancellationToken)).EnumerateArray());

        var (code, error, _) = await SiloProcess.RunAsync("--urls", "http://127.0.0.1:0", "--data", Path.Combine(first.Folder, "krewe.db"));
        Assert.Equal(1, code);
        Assert.Single(error.Split('\n'));
    }

    [Fact]
    public async Task Silo_WhileItDrains_AnswersUntilItsHandlersHaveEnded()
    {
        var (process, http) = await SiloProcess.ServeAsync("--drain", "10m");
        await using var silo = process;
        using var client = http;
        var file = Path.Combine(silo.Folder, "go");
        var job = await EnqueueAsync(http, $$$"""{"job":"test.until","args":{"file":"{{{file}}}"}}""");
        Assert.Equal("Running", await StateAsync(http, job, "Running"));
        var waiting = http.GetFromJsonAsync<JsonElement>($"/api/jobs/{job}/result?wait=10m", TestContext.Current.CancellationToken);

        silo.Send(Signal.Terminate);
        await silo.SaysAsync("Draining: 1 jobs run");

        using (var ready = await http.GetAsync("/health/ready", TestContext.Current.CancellationToken))
        {
            Assert.Equal(503, (int)ready.StatusCode);
            Assert.Contains("draining", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        var later = await EnqueueAsync(http, """{"job":"test.echo","args":{"text":"later"}}""");
        Assert.Equal("Queued", (await http.GetFromJsonAsync<JsonElement>($"/api/jobs/{later}", TestContext.Current.CancellationToken)).GetProperty("state").GetString());
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        Assert.Equal("there", (await waiting).GetProperty("value").GetString());
        Assert.Equal(0, await silo.ExitAsync());
    }

    [Fact]
    public async Task Silo_WhenSignalComesTwice_LeavesAtOnce()
    {
        var (process, http) = await SiloProcess.ServeAsync("--drain", "10m", "--log-level", "information");
        await using var silo = process;
        using var client = http;
        var job = await EnqueueAsync(http, """{"job":"test.wait","args":{}}""");
        Assert.Equal("Running", await StateAsync(http, job, "Running"));

        silo.Send(Signal.Terminate);
        await silo.SaysAsync("Draining: 1 jobs run"); // Two signals that wait to be taken are one to the system.
        silo.Send(Signal.Terminate);

        Assert.Equal(143, await silo.ExitAsync());
    }

    private static async Task<string> EnqueueAsync(HttpClient http, string json)
    {
        using var response = await http.PostAsync("/api/jobs", new StringContent(json, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(202, (int)response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("id").GetString()!;
    }

    private static async Task<int> StatusAsync(HttpClient http, string json)
    {
        using var response = await http.PostAsync("/api/jobs", new StringContent(json, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    // Asks by waiting calls, each of which the silo answers when its time has passed.
    private static async Task<string?> StateAsync(HttpClient http, string job, string expected)
    {
        string? state = null;
        for (var tries = 0; tries < 100 && state != expected; tries++)
        {
            state = (await http.GetFromJsonAsync<JsonElement>($"/api/jobs/{job}/result?wait=200ms", TestContext.Current.CancellationToken)).GetProperty("state").GetString();
        }

        return state;
    }
}
