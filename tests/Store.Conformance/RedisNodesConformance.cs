using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>One Redis Cluster of three nodes for all classes of the suite, which run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class RedisNodes : IAsyncLifetime, ICollectionFixture<RedisNodes>
{
    internal const string Name = "Redis nodes";

    private RedisCluster? _cluster;

    internal string ConnectionString => _cluster!.ConnectionString;

    public async ValueTask InitializeAsync() => _cluster = await RedisCluster.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesMatrixTests(RedisNodes nodes) : MatrixConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesStepTests(RedisNodes nodes) : StepConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesLeaseTests(RedisNodes nodes) : LeaseConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesUniqueTests(RedisNodes nodes) : UniqueConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesOrderTests(RedisNodes nodes) : OrderConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesLifetimeTests(RedisNodes nodes) : LifetimeConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesCrashTests(RedisNodes nodes) : CrashConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesBytesTests(RedisNodes nodes) : BytesConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesModelTests(RedisNodes nodes) : ModelConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesFlowTests(RedisNodes nodes) : FlowConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesScheduleTests(RedisNodes nodes) : ScheduleConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesFlowCatalogueTests(RedisNodes nodes) : FlowCatalogueConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}

/// <summary>A Redis Cluster of three nodes.</summary>
[Collection(RedisNodes.Name)]
public sealed class RedisNodesFlowModelTests(RedisNodes nodes) : FlowModelConformance
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(nodes.ConnectionString);
}
