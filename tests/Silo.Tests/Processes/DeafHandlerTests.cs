using System.Diagnostics;
using System.Globalization;
using Krewe.Testing.Processes;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>Handlers that ignore their token for ever.</summary>
public sealed class DeafHandlerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_WhenMoreHandlersAreAbandonedThanItMayHave_SaysSoAndTakesNothingUntilTheyEnd()
    {
        var (process, http) = await SiloProcess.ServeAsync(new SiloSurroundings { Environment = new Dictionary<string, string> { ["Krewe__MaxZombies"] = "2" } });
        await using var silo = process;
        using var client = http;
        var go = Path.Combine(silo.Folder, "go");

        for (var zombies = 1; zombies <= 3; zombies++)
        {
            await http.ReadyAsync();
            var deaf = await http.EnqueueAsync("hostile.deaf", new { file = go }, new { timeLimit = "500ms" });
            Assert.Equal("Failed", (await http.EndAsync(deaf)).State);
            Assert.Equal(zombies, await ZombiesAsync(http));
        }

        await silo.SaysAsync("takes nothing until some end");
        var waiting = await http.EnqueueAsync("test.echo", new { text = "after all" });
        using (var ready = await http.GetAsync("/health/ready", Cancellation))
        {
            Assert.Equal(
                (503, "Unhealthy\nworker: 3 abandoned handlers still run, more than MaxZombies (2); restart this silo"),
                ((int)ready.StatusCode, await ready.Content.ReadAsStringAsync(Cancellation)));
        }

        Assert.Equal("Queued", (await http.EndAsync(waiting, "500ms")).State);
        await File.WriteAllTextAsync(go, "", Cancellation);

        Assert.Equal("echo after all", await http.ValueAsync(waiting));
        await http.ReadyAsync();
    }

    [Fact]
    public async Task Silo_WhenHandlersNeverEnd_LeavesAllTheSame()
    {
        var (process, http) = await SiloProcess.ServeAsync("--drain", "1s");
        await using var silo = process;
        using var client = http;
        var abandoned = await http.EnqueueAsync("hostile.deaf", new { }, new { timeLimit = "500ms" });
        Assert.Equal("Failed", (await http.EndAsync(abandoned)).State);
        await http.RunningAsync(await http.EnqueueAsync("hostile.deaf", new { }));

        var started = Stopwatch.GetTimestamp();
        silo.Send(Signal.Terminate);

        Assert.Equal(0, await silo.ExitAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)); // The drain, 5 s of grace, and what the rest of the way takes.
    }

    private static async Task<int> ZombiesAsync(HttpClient http)
    {
        var metrics = (await http.GetStringAsync("/metrics", Cancellation)).Split('\n');
        return int.Parse(metrics.Single(line => line.StartsWith("krewe_job_zombies", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
