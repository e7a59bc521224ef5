using Krewe.Cluster.Tests.Flows;
using Krewe.Testing.Cluster;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.Schedules;

/// <summary>Schedules through a client behind the gateways, over two silos of which one leaves.</summary>
public sealed class GatewayTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Schedules_WhenTheClientIsNoSilo_AreMadeAndRefusedAsThere()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var cluster = await KreweCluster.StartAsync(redis, 2, new KreweSetup { Krewe = krewe => krewe.AddJob<AddHandler>() });
        await using var client = await ExternalClient.ToAsync(cluster.Silos[1]);
        var schedules = client.Jobs.Schedules;

        var made = await schedules.CreateAsync("ticks", Recurrence.Every(TimeSpan.FromSeconds(1)), new Add(1), cancellationToken: Cancellation);
        await cluster.Silos[0].StopAsync();

        var exists = await Assert.ThrowsAsync<ScheduleExistsException>(() => schedules.CreateAsync("ticks", Recurrence.Every(TimeSpan.FromSeconds(1)), new Add(1), cancellationToken: Cancellation));
        var changed = await Assert.ThrowsAsync<ScheduleChangedException>(() => schedules.UpdateAsync("ticks", new ScheduleChange { Work = new Add(2) }, "other", Cancellation));
        var unknown = await Assert.ThrowsAsync<UnknownScheduleException>(() => schedules.TriggerAsync("none", cancellationToken: Cancellation));
        Assert.Equal(("ticks", "ticks", made.ETag, "none"), (exists.ScheduleId, changed.ScheduleId, changed.ETag, unknown.ScheduleId));
        Assert.Contains("'ticks' already", exists.Message, StringComparison.Ordinal);
        while ((await schedules.GetAsync("ticks", Cancellation))! is { Fired: < 3 })
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }

        var paused = await schedules.PauseAsync("ticks", Cancellation);
        Assert.Equal((0L, 0L), (paused.Missed, paused.Skipped));
        Assert.Equal(1, await client.Jobs.GetHandle<int>(paused.Occurrences[^1].JobId!).GetResultAsync(TimeSpan.FromSeconds(30), Cancellation));
    }
}
