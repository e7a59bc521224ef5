using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

public sealed class KilledTests
{
    /// <summary>Beyond what the first start took on this machine: what the claims and the membership of the killed process may cost, 30 s, and as much again for a machine that is busy.</summary>
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Silo_WhenTheOnlyOneOnRedisWasKilled_IsReadySoonOnOtherPortsAndRunsWhatItsFormerSelfHeld()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var cancellation = TestContext.Current.CancellationToken;
        var first = Stopwatch.GetTimestamp();
        var (former, formerHttp) = await SiloProcess.ServeAsync("--redis", redis.ConnectionString);
        await using var killed = former;
        using var formerClient = formerHttp;
        await formerHttp.ReadyAsync();
        var firstStart = Stopwatch.GetElapsedTime(first);
        var marker = Path.Combine(former.Folder, "started");
        var args = JsonSerializer.Serialize(new { job = "test.hold_first", args = new { file = marker } });
        using var added = await formerHttp.PostAsync("/api/jobs", new StringContent(args, Encoding.UTF8, "application/json"), cancellation);
        var job = (await added.Content.ReadFromJsonAsync<JsonElement>(cancellation)).GetProperty("id").GetString();
        while (!File.Exists(marker))
        {
            // Each look is a call that the silo answers when its time has passed.
            using var waited = await formerHttp.GetAsync($"/api/jobs/{job}/result?wait=200ms", cancellation);
            Assert.Equal(202, (int)waited.StatusCode);
        }

        await former.KillAsync();
        Assert.Equal(137, await former.ExitAsync());
        var started = Stopwatch.GetTimestamp();
        var (next, nextHttp) = await SiloProcess.ServeAsync("--redis", redis.ConnectionString, "--silo-port", SiloProcess.FreePort(), "--gateway-port", SiloProcess.FreePort());
        await using var silo = next;
        using var nextClient = nextHttp;
        await nextHttp.ReadyAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, ReadyWithin + firstStart);

        var result = await nextHttp.GetFromJsonAsync<JsonElement>($"/api/jobs/{job}/result?wait=1m", cancellation);
        Assert.Equal(("Succeeded", "attempt 1"), (result.GetProperty("state").GetString(), result.GetProperty("value").GetString()));
        var info = await nextHttp.GetFromJsonAsync<JsonElement>($"/api/jobs/{job}", cancellation);
        Assert.Equal(1, info.GetProperty("lostDeliveries").GetInt32());
        Assert.Single((await nextHttp.GetFromJsonAsync<JsonElement>("/api/workers", cancellation)).EnumerateArray());
    }

    [Fact]
    public async Task Silo_WhenOneOfTwoWasKilled_TheOtherRunsNewJobsAndWhatThatOneHeld()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var cancellation = TestContext.Current.CancellationToken;
        var (first, firstHttp) = await SiloProcess.ServeAsync("--redis", redis.ConnectionString, "--silo-port", SiloProcess.FreePort(), "--gateway-port", SiloProcess.FreePort());
        await using var killed = first;
        using var firstClient = firstHttp;
        var marker = Path.Combine(first.Folder, "started");
        var held = await firstHttp.EnqueueAsync("test.hold_first", new { file = marker });
        await firstHttp.RunningAsync(held);
        var (second, secondHttp) = await SiloProcess.ServeAsync("--redis", redis.ConnectionString, "--silo-port", SiloProcess.FreePort(), "--gateway-port", SiloProcess.FreePort());
        await using var other = second;
        using var secondClient = secondHttp;
        await secondHttp.ReadyAsync();

        await first.KillAsync();

        foreach (var queue in new[] { "critical", "default", "low" })
        {
            Assert.Equal("echo new", await secondHttp.ValueAsync(await secondHttp.EnqueueAsync("test.echo", new { text = "new" }, new { queue })));
        }

        Assert.Equal("attempt 1", await secondHttp.ValueAsync(held));
        Assert.Equal(1, (await secondHttp.InfoAsync(held)).GetProperty("lostDeliveries").GetInt32());
    }

    [Fact]
    public async Task Silo_WhenKilledBetweenItsClaimAndTheHandOver_TheJobRunsOnce()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var way = TcpProxy.To(redis);
        var cancellation = TestContext.Current.CancellationToken;
        var (first, firstHttp) = await SiloProcess.ServeAsync("--redis", way.ConnectionString, "--concurrency", "1");
        await using var killed = first;
        using var firstClient = firstHttp;
        var marker = Path.Combine(first.Folder, "go");
        await firstHttp.RunningAsync(await firstHttp.EnqueueAsync("test.until", new { file = marker }));
        var job = await firstHttp.EnqueueAsync("test.timed", new { calledAt = TimeProvider.System.GetUtcNow(), hold = TimeSpan.Zero });
        var claimed = way.LoseAnswerTo(job.Split('~')[2], cuts: true);

        await File.WriteAllTextAsync(marker, "", cancellation);
        await claimed.WaitAsync(ReadyWithin, TimeProvider.System, cancellation);
        await first.KillAsync();

        var (next, nextHttp) = await SiloProcess.ServeAsync("--redis", redis.ConnectionString, "--silo-port", SiloProcess.FreePort(), "--gateway-port", SiloProcess.FreePort());
        await using var silo = next;
        using var nextClient = nextHttp;
        var (state, answer) = await nextHttp.EndAsync(job);
        Assert.Equal(("Succeeded", 1), (state, answer.GetProperty("value").GetProperty("attempt").GetInt32()));
        Assert.Equal(next.Id, answer.GetProperty("value").GetProperty("process").GetInt32());
    }
}
