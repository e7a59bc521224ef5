using Krewe.Dispatch;
using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Cluster.Tests.Drain;

/// <summary>Silos leave one after the other, under load: the partitions are served all the time.</summary>
public sealed class RollingTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const int Partitions = 12;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Drain_WhileAHandlerRuns_MovesThePartitionsOfTheSiloAndServesThemElsewhere()
    {
        await using var cluster = await StartAsync(3);
        var leaving = cluster.Silos[0]; // The first to start: it opened the partitions before the others came.
        var gate = new Gate();
        var held = cluster.Scripts.AddAs("held", async (context, token) =>
        {
            await gate.PassAsync(token);
            return $"attempt {context.Attempt}";
        });
        var handles = await cluster.Silos[1].Jobs.EnqueueManyAsync<string?>(Enumerable.Repeat(held, 24), cancellationToken: Cancellation);
        await gate.ArrivedAsync(24);
        Assert.NotEqual(0, OwnersOn(leaving));

        var quick = cluster.Scripts.Add(_ => "quick");
        var late = new List<JobHandle<string?>>();
        var stopping = leaving.StopAsync();
        await UntilAsync(cluster.Silos[1], () => OwnersOn(leaving) == 0, "the leaving silo has no partition left");
        for (var round = 0; round < 3; round++)
        {
            // Each meets an owner that moved; the handlers at the gate have all the slots of the queue they share, so these wait.
            var options = Enumerable.Range(0, 50).Select(index => new EnqueueOptions { Id = $"r{round}-{index}" });
            late.AddRange(await Task.WhenAll(options.Select(option => cluster.Silos[1].Jobs.EnqueueAsync(quick, option, Cancellation))));
        }

        Assert.False(stopping.IsCompleted);
        Assert.Equal(0, OwnersOn(leaving));
        gate.Open();
        await stopping;

        Assert.All(await Task.WhenAll(handles.Select(handle => handle.ResultAsync())), result => Assert.Equal("attempt 1", result));
        Assert.Equal(24, cluster.Scripts.RunsOf(held));
        Assert.All(await Task.WhenAll(handles.Select(handle => handle.InfoAsync())), info => Assert.Equal(0, info.LostDeliveries));
        Assert.All(await Task.WhenAll(late.Select(handle => handle.ResultAsync())), result => Assert.Equal("quick", result));
        Assert.Equal(150, cluster.Scripts.RunsOf(quick));
    }

    [Fact]
    public async Task Drain_WhenTheSiloIsAlone_ServesItsPartitionsToTheEnd()
    {
        await using var cluster = await StartAsync(1);
        var silo = cluster.Silos[0];
        var gate = new Gate();
        var held = cluster.Scripts.Add(async (_, token) =>
        {
            await gate.PassAsync(token);
            return "done";
        });
        var handle = await silo.Jobs.EnqueueAsync(held, cancellationToken: Cancellation);
        await gate.ArrivedAsync();

        var stopping = silo.StopAsync();
        await UntilAsync(silo, () => silo.Services.GetRequiredService<Worker>().IsDraining, "it claims nothing more");
        var late = await silo.Jobs.EnqueueAsync(held, cancellationToken: Cancellation);
        Assert.Equal(JobState.Queued, (await late.InfoAsync()).State);
        Assert.NotEqual(0, OwnersOn(silo));
        gate.Open();
        await stopping;

        await cluster.Events.Until("job.succeeded", handle.Id);
        var next = await cluster.AddSiloAsync();
        Assert.Equal("done", await next.Jobs.GetHandle<string>(handle.Id).ResultAsync());
        Assert.Equal("done", await next.Jobs.GetHandle<string>(late.Id).ResultAsync());
    }

    private static int OwnersOn(KreweHost silo) => silo.Services.GetRequiredService<OwnerMoves>().Count;

    /// <summary>Looks between calls that go to every partition of the queues.</summary>
    private static async Task UntilAsync(KreweHost silo, Func<bool> isSo, string what)
    {
        using var timeout = new CancellationTokenSource(Some.Timeout);
        while (!isSo())
        {
            Assert.False(timeout.IsCancellationRequested, $"Expected within {Some.Timeout} that {what}.");
            await silo.Jobs.Queues.ListAsync(Cancellation);
        }
    }

    private Task<KreweCluster> StartAsync(int silos) => KreweCluster.StartAsync(redis.Server, silos, new KreweSetup
    {
        Options = options => (options.Concurrency, options.Partitions, options.Drain) = (8, Partitions, TimeSpan.FromMinutes(2)),
    });
}
