using Krewe.Testing;
using Krewe.Testing.Cluster;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Cluster.Tests.FromCelery;

/// <summary>Several endpoints in one connection string.</summary>
public sealed class RedisEndpointTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    /// <summary>Nobody listens there.</summary>
    private const string DeadEndpoint = "127.0.0.1:1";

    [Fact]
    public async Task Start_WhenTheFirstEndpointIsDead_UsesTheOther()
    {
        await using var silo = await KreweHost.StartAsync(new KreweSetup { Redis = redis.Server, RedisConnection = $"{DeadEndpoint},{redis.Server.ConnectionString}" });

        var handle = await silo.Jobs.EnqueueAsync(silo.Setup.Scripts.Add(_ => "by the other"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("by the other", await handle.GetResultAsync(Some.Timeout, TestContext.Current.CancellationToken));
    }
}
