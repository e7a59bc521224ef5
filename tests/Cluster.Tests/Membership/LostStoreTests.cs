using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Krewe.Cluster.Tests.Membership;

/// <summary>A silo that loses its way to Redis, and a cluster that loses its membership table.</summary>
public sealed class LostStoreTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_WhenItAloneLosesTheStore_GivesItsPartitionsUpAndLeavesWhenItsHandlersHaveEnded()
    {
        await using var way = TcpProxy.To(redis.Server);
        await using var cluster = await StartAsync(0);
        var cut = await cluster.AddSiloAsync(way.ConnectionString); // Alone at first, so every partition is its own.
        var gate = new Gate();
        var held = cluster.Scripts.Add(async (_, token) =>
        {
            await gate.PassAsync(token);
            return "recorded by a peer";
        });
        var running = await cut.Jobs.EnqueueAsync(held, cancellationToken: Cancellation);
        await gate.ArrivedAsync();
        var peer = await cluster.AddSiloAsync();
        var leaves = LeavesAsync(cut);

        way.Cut();

        // Until the cut silo gives its partitions up nobody can add to them; the client repeats, and then the peer answers.
        var added = await EnqueueEventuallyAsync(peer, cluster.Scripts.Add(_ => "served by the peer"));
        Assert.Equal("served by the peer", await added.ResultAsync());
        Assert.False(leaves.IsCompleted);
        Assert.True((await DescribeAsync(peer, "silo-1")).IsDraining); // What makes it not ready.
        Assert.Equal("sent on", await (await EnqueueEventuallyAsync(cut, cluster.Scripts.Add(_ => "sent on"))).ResultAsync());
        gate.Open();
        await leaves.WaitAsync(Some.Timeout, TimeProvider.System, Cancellation);

        Assert.Equal("recorded by a peer", await peer.Jobs.GetHandle<string>(running.Id).ResultAsync());
        Assert.Equal(1, cluster.Scripts.RunsOf(held));
        Assert.False(LeavesAsync(peer).IsCompleted);
        Assert.False((await DescribeAsync(peer, "silo-2")).IsDraining);
        way.Mend(); // Without its store a silo takes minutes to stop: Orleans keeps trying to write its membership row.
    }

    [Fact]
    public async Task Silo_WhenItsWayToTheStoreIsMendedInTime_KeepsItsPartitionsAndStays()
    {
        await using var way = TcpProxy.To(redis.Server);
        await using var cluster = await StartAsync(0, patience: TimeSpan.FromMinutes(1));
        var cut = await cluster.AddSiloAsync(way.ConnectionString);
        await cluster.AddSiloAsync();
        var leaves = LeavesAsync(cut);

        way.Cut();
        await UntilLoggedAsync(cluster, "The membership table was not read");
        way.Mend();

        Assert.Equal("served", await (await EnqueueEventuallyAsync(cut, cluster.Scripts.Add(_ => "served"))).ResultAsync());
        Assert.False(leaves.IsCompleted);
        Assert.All(await cut.Jobs.Workers.ListAsync(Cancellation), worker => Assert.False(worker.IsDraining));
    }

    [Fact]
    public async Task Silos_WhenAllLoseTheStore_StayAndGoOnWithIt()
    {
        Assert.SkipWhen(RedisServer.IsExternal, RedisServer.ExternalReason);
        await using var own = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var cluster = await KreweCluster.StartAsync(own, 2, Setup());

        own.Pause();
        await UntilLoggedAsync(cluster, "nobody leaves");
        own.Resume();

        Assert.DoesNotContain(cluster.Silos, silo => LeavesAsync(silo).IsCompleted);
        Assert.Equal("after", await (await EnqueueEventuallyAsync(cluster.Silos[0], cluster.Scripts.Add(_ => "after"))).ResultAsync());
    }

    [Fact]
    public async Task Cluster_WhenItsMembershipTableIsLost_PutsItBackAndStaysOneWithWhatStartsThen()
    {
        await using var cluster = await StartAsync(2);
        var gate = new Gate();
        var held = cluster.Scripts.Add(async (_, token) =>
        {
            await gate.PassAsync(token);
            return "done";
        });
        var handles = await cluster.Silos[0].Jobs.EnqueueManyAsync<string?>(Enumerable.Repeat(held, 8), cancellationToken: Cancellation);
        await gate.ArrivedAsync(8);
        await UntilAsync(cluster, 2);

        Assert.Contains(":1", await redis.Server.SendAsync($"DEL krewe/members/{cluster.Setup.ClusterId}", Cancellation), StringComparison.Ordinal);
        await cluster.AddSiloAsync();
        await UntilAsync(cluster, 3);
        gate.Open();

        Assert.All(await Task.WhenAll(handles.Select(handle => handle.ResultAsync())), result => Assert.Equal("done", result));
        Assert.Equal(8, cluster.Scripts.RunsOf(held));
        Assert.Contains("silo-3", await redis.Server.SendAsync($"HGETALL krewe/members/{cluster.Setup.ClusterId}", Cancellation), StringComparison.Ordinal);
    }

    private static KreweSetup Setup(TimeSpan? patience = null) => new()
    {
        Options = options => (options.Concurrency, options.StorePatience) = (8, patience ?? TimeSpan.FromSeconds(3)),
    };

    private static async Task<WorkerInfo> DescribeAsync(KreweHost silo, string name) => (await silo.Jobs.Workers.ListAsync(Cancellation)).Single(worker => worker.Name == name);

    private static Task LeavesAsync(KreweHost silo)
    {
        var leaves = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        silo.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(leaves.SetResult);
        return leaves.Task;
    }

    /// <summary>Every silo sees so many. Asks by calls that go to all of them.</summary>
    private static async Task UntilAsync(KreweCluster cluster, int silos)
    {
        using var timeout = new CancellationTokenSource(Some.Timeout);
        foreach (var silo in cluster.Silos)
        {
            while ((await silo.Jobs.Workers.ListAsync(Cancellation)).Count != silos)
            {
                Assert.False(timeout.IsCancellationRequested, $"Expected within {Some.Timeout} that each silo sees {silos}; {silo.Setup.Name} does not. {string.Join('\n', cluster.Setup.Logs.All.Where(line => line.Contains("embership", StringComparison.Ordinal)).TakeLast(40))}");
            }
        }
    }

    private static async Task UntilLoggedAsync(KreweCluster cluster, string text)
    {
        using var timeout = new CancellationTokenSource(Some.Timeout);
        while (!cluster.Setup.Logs.All.Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            Assert.False(timeout.IsCancellationRequested, $"Expected within {Some.Timeout} that '{text}' is logged.");
            await Task.Delay(Some.Moment, TimeProvider.System, Cancellation);
        }
    }

    /// <summary>Repeats under the same id what may have been stored.</summary>
    private static async Task<JobHandle<string?>> EnqueueEventuallyAsync(KreweHost silo, Scripted job)
    {
        using var timeout = new CancellationTokenSource(Some.Timeout + Some.Timeout);
        for (var options = new EnqueueOptions { Id = Some.Key("again") }; ;)
        {
            try
            {
                return await silo.Jobs.EnqueueAsync(job, options, Cancellation);
            }
            catch (StoreUnavailableException) when (!timeout.IsCancellationRequested)
            {
                await Task.Delay(Some.Moment, TimeProvider.System, Cancellation);
            }
        }
    }

    private Task<KreweCluster> StartAsync(int silos, TimeSpan? patience = null) => KreweCluster.StartAsync(redis.Server, silos, Setup(patience));
}
