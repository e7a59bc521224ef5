using Krewe.Testing.Cluster;
using Krewe.Testing.Jobs;
using Krewe.Testing.Redis;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Xunit;

namespace Krewe.Cluster.Tests.LostWrites;

/// <summary>Silos on a Redis Cluster of three nodes, whose slots move while they work.</summary>
public sealed class RedisNodesTests
{
    private const int Partitions = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Load_WhileEveryPartitionMovesToAnotherNode_EveryAcknowledgedJobRunsOnce()
    {
        await using var redis = await RedisCluster.StartAsync(cancellationToken: Cancellation);
        await using var silo = await KreweHost.StartAsync(Setup(redis));
        await using var load = Load.Start(silo);
        await load.AcknowledgesAsync(500);

        foreach (var partition in Enumerable.Range(0, Partitions))
        {
            var slot = await redis.SlotOfAsync($"{silo.Setup.KeyPrefix}{{default/{partition}}}:meta");
            var from = await redis.OwnerOfAsync(slot);
            var to = redis.Nodes[(redis.Nodes.ToList().IndexOf(from) + 1) % redis.Nodes.Count];
            await redis.MoveAsync(slot, from, to);
            await load.AcknowledgesAsync(500);
        }

        await load.StopAsync();
        Assert.All(await Task.WhenAll(load.Promises.Select(promise => promise.Result)), result => Assert.Equal("done", result));
        Assert.All(load.Promises, promise => Assert.Equal(1, load.StartsOf(promise)));
        Assert.Equal(0, load.Overlaps);
        Assert.Contains("errorstat_MOVED", await ErrorsAsync(redis), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enqueue_WhileHalfOfAPartitionHasMoved_IsServedWhenItHas()
    {
        await using var redis = await RedisCluster.StartAsync(cancellationToken: Cancellation);
        await using var silo = await KreweHost.StartAsync(Setup(redis, partitions: 1));
        var running = await GatedJob.StartAsync(silo);
        var slot = await redis.SlotOfAsync($"{silo.Setup.KeyPrefix}{{default/0}}:meta");
        var from = await redis.OwnerOfAsync(slot);
        Task<JobHandle<string?>>? added = null;

        await redis.MoveAsync(slot, from, redis.Nodes.First(node => node != from), between: async () =>
        {
            added = silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "served"), cancellationToken: Cancellation);
            while (!(await ErrorsAsync(redis)).Contains("errorstat_TRYAGAIN", StringComparison.Ordinal))
            {
                Assert.False(added.IsCompleted);
            }
        });

        Assert.Equal("served", await (await added!).ResultAsync());
        await running.PassesAsync();
    }

    [Fact]
    public async Task Silos_OnThreeNodes_ShareMembershipGrainStateAndReminders()
    {
        await using var redis = await RedisCluster.StartAsync(cancellationToken: Cancellation);
        var setup = Setup(redis);
        await using var first = await KreweHost.StartAsync(setup.Named("silo-1", redis.ConnectionString));
        await using var second = await KreweHost.StartAsync(setup.Named("silo-2", redis.ConnectionString));
        var id = GrainId.Create("test", "1");
        var reminder = new ReminderEntry { GrainId = id, ReminderName = "wake", StartAt = new(2031, 5, 6, 12, 0, 0, DateTimeKind.Utc), Period = TimeSpan.FromMinutes(1) };
        var (written, read) = (new GrainState<string>("kept"), new GrainState<string>());

        await first.Services.GetRequiredKeyedService<IGrainStorage>("krewe").WriteStateAsync("test", id, written);
        await second.Services.GetRequiredKeyedService<IGrainStorage>("krewe").ReadStateAsync("test", id, read);
        await first.Services.GetRequiredService<IReminderTable>().UpsertRow(reminder, Cancellation);
        var row = await second.Services.GetRequiredService<IReminderTable>().ReadRow(id, "wake", Cancellation);

        Assert.Equal("kept", read.State);
        Assert.Equal(reminder.StartAt, row?.StartAt);
        Assert.Equal(["silo-1", "silo-2"], (await first.Jobs.Workers.ListAsync(Cancellation)).Select(worker => worker.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>What the nodes have answered that was no success, by its first word.</summary>
    private static async Task<string> ErrorsAsync(RedisCluster redis) => string.Concat(await Task.WhenAll(redis.Nodes.Select(node => node.SendAsync("INFO errorstats", Cancellation))));

    private static KreweSetup Setup(RedisCluster redis, int partitions = Partitions) => new()
    {
        Redis = redis.Nodes[0], RedisConnection = redis.ConnectionString, Options = options => options.Partitions = partitions,
    };
}
