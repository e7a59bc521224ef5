using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>A job that runs for longer than it takes to find a silo dead, on another silo than the one that owns its partition.</summary>
public sealed class LongJobTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Job_WhenTheOwnerOfItsPartitionIsKilledWhileItRuns_RunsOnceAndItsResultArrives()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        var (first, firstHttp) = await ServeAsync(redis, "--queues", "low=1"); // It runs nothing of the queue, and as the only silo owns its partition.
        await using var owner = first;
        using var ownerClient = firstHttp;
        var (ledger, end) = (Path.Combine(owner.Folder, "ledger"), Path.Combine(owner.Folder, "end"));
        var job = await firstHttp.EnqueueAsync("hostile.noted_until", new { ledger, file = end });
        var (second, secondHttp) = await ServeAsync(redis);
        await using var runner = second;
        using var runnerClient = secondHttp;
        await secondHttp.RunningAsync(job);
        Assert.Equal((true, false), (await HasClaimedAsync(firstHttp), await HasClaimedAsync(secondHttp)));
        var result = secondHttp.EndAsync(job, "10m");

        await owner.KillAsync();

        Assert.Equal("echo of the new owner", await secondHttp.ValueAsync(await secondHttp.EnqueueAsync("test.echo", new { text = "of the new owner" })));
        await secondHttp.RunningAsync(job);
        Assert.Equal("Running", (await secondHttp.EndAsync(job, "20s")).State); // By now all that looks after claims has looked at its own.
        await File.WriteAllTextAsync(end, "", Cancellation);
        var (state, answer) = await result;
        Assert.Equal(("Succeeded", "attempt 1"), (state, answer.GetProperty("value").GetString()));
        Assert.Equal([(true, runner.Id), (false, runner.Id)], RunLedger.Read(ledger).Select(note => (note.IsStart, note.Process)));
        Assert.Equal(0, (await secondHttp.InfoAsync(job)).GetProperty("lostDeliveries").GetInt32());
    }

    /// <summary>Whether a silo has handed the job to a worker, as the owner of its partition.</summary>
    private static async Task<bool> HasClaimedAsync(HttpClient http) => (await http.GetStringAsync("/metrics", Cancellation)).Split('\n')
        .Any(line => line.StartsWith("krewe_job_wait_duration_seconds_count", StringComparison.Ordinal) && line.Contains("hostile.noted_until", StringComparison.Ordinal));

    private static async Task<(SiloProcess Process, HttpClient Http)> ServeAsync(RedisServer redis, params string[] args)
    {
        var (process, http) = await SiloProcess.ServeAsync(["--redis", redis.ConnectionString, "--silo-port", SiloProcess.FreePort(), "--gateway-port", SiloProcess.FreePort(), .. args]);
        http.Timeout = Timeout.InfiniteTimeSpan; // A wait for a result may be long.
        return (process, http);
    }
}
