using System.Globalization;
using Krewe.Testing.Processes;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Silo.Tests.Processes;

/// <summary>Silos that are slow to answer and alive: every core has work, and one process stands still for a moment.</summary>
[Collection(Alone.Name)]
public sealed class BusyTests
{
    private const int Silos = 2; // Of two, one alone decides that the other is dead.
    private const string Dead = "\"Status\":6";
    private static readonly int Cores = Environment.ProcessorCount;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_WhenAllCoresAreLoadedAndItStandsStillForTwoSeconds_IsNotDeclaredDeadAndNoJobRunsAgain()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        var (first, firstHttp) = await ServeAsync(redis);
        await using var paused = first;
        using var pausedClient = firstHttp;
        var (second, secondHttp) = await ServeAsync(redis);
        await using var other = second;
        using var otherClient = secondHttp;
        var (ledger, end) = (Path.Combine(other.Folder, "ledger"), Path.Combine(other.Folder, "end"));
        var jobs = await secondHttp.EnqueueManyAsync(Enumerable.Range(0, Silos * Cores).Select(_ => new { job = "hostile.spin", args = new { ledger, file = end } }));
        foreach (var job in jobs)
        {
            await secondHttp.RunningAsync(job);
        }

        paused.Send(Signal.Stop);
        await Task.Delay(Pause, TimeProvider.System, Cancellation);
        paused.Send(Signal.Continue);

        Assert.Equal("Running", (await secondHttp.EndAsync(jobs[0], "20s")).State); // By then a silo that hangs would be dead.
        await File.WriteAllTextAsync(end, "", Cancellation);
        foreach (var job in jobs)
        {
            Assert.Equal("attempt 1", await secondHttp.ValueAsync(job));
            Assert.Equal(0, (await secondHttp.InfoAsync(job)).GetProperty("lostDeliveries").GetInt32());
        }

        var starts = RunLedger.Read(ledger).Where(note => note.IsStart).ToList();
        Assert.Equal(jobs.Order(), starts.Select(note => note.JobId).Order());
        Assert.Equal([Cores, Cores], starts.CountBy(note => note.Process).Select(process => process.Value)); // Each had a handler for every core.
        var members = await redis.SendAsync("HVALS krewe/members/krewe", Cancellation);
        Assert.Contains("\"Status\":3", members, StringComparison.Ordinal);
        Assert.DoesNotContain(Dead, members, StringComparison.Ordinal);
        await firstHttp.ReadyAsync();
        await secondHttp.ReadyAsync();
    }

    private static Task<(SiloProcess Process, HttpClient Http)> ServeAsync(RedisServer redis) => SiloProcess.ServeAsync(
        "--redis", redis.ConnectionString, "--silo-port", SiloProcess.FreePort(), "--gateway-port", SiloProcess.FreePort(), "--concurrency", Cores.ToString(CultureInfo.InvariantCulture));
}
