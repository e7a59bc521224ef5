using Krewe.Testing.Cluster;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.BadInput;

/// <summary>A queue's number of partitions is written at its first use and stays.</summary>
public sealed class PartitionNumberTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    [Fact]
    public async Task Start_WhenConfigurationNamesAnotherNumber_IsRefusedWithTheRemedy()
    {
        var setup = Setup(new KreweSetup().ClusterId, null);
        await using (var first = await KreweHost.StartAsync(setup))
        {
            var queues = await first.Jobs.Queues.ListAsync(TestContext.Current.CancellationToken);
            Assert.All(queues, queue => Assert.Equal(4, queue.Partitions)); // The default of a cluster.
        }

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => KreweHost.StartAsync(Setup(setup.ClusterId, 8)));

        Assert.Contains("Queue 'default' must have the 4 partitions it was first used with, got 8; set Krewe:Queues:default:Partitions to 4, or drain it and use another name.", refused.ToString(), StringComparison.Ordinal);
        await using var again = await KreweHost.StartAsync(Setup(setup.ClusterId, 4));
    }

    private KreweSetup Setup(string clusterId, int? partitions) => new() { Redis = redis.Server, ClusterId = clusterId, Options = options => options.Partitions = partitions };
}
