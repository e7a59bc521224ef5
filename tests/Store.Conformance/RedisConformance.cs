using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>Redis alone.</summary>
public sealed class RedisMatrixTests(RedisFixture fixture) : MatrixConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis alone.</summary>
public sealed class RedisStepTests(RedisFixture fixture) : StepConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis alone.</summary>
public sealed class RedisLeaseTests(RedisFixture fixture) : LeaseConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis alone.</summary>
public sealed class RedisUniqueTests(RedisFixture fixture) : UniqueConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis alone.</summary>
public sealed class RedisOrderTests(RedisFixture fixture) : OrderConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis alone.</summary>
public sealed class RedisLifetimeTests(RedisFixture fixture) : LifetimeConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis alone.</summary>
public sealed class RedisCrashTests(RedisFixture fixture) : CrashConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis alone.</summary>
public sealed class RedisBytesTests(RedisFixture fixture) : BytesConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis alone.</summary>
public sealed class RedisModelTests(RedisFixture fixture) : ModelConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis alone.</summary>
public sealed class RedisFlowTests(RedisFixture fixture) : FlowConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis alone.</summary>
public sealed class RedisScheduleTests(RedisFixture fixture) : ScheduleConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis alone.</summary>
public sealed class RedisFlowCatalogueTests(RedisFixture fixture) : FlowCatalogueConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis alone.</summary>
public sealed class RedisFlowModelTests(RedisFixture fixture) : FlowModelConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString);
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterMatrixTests(RedisClusterFixture fixture) : MatrixConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterStepTests(RedisClusterFixture fixture) : StepConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterLeaseTests(RedisClusterFixture fixture) : LeaseConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterUniqueTests(RedisClusterFixture fixture) : UniqueConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterOrderTests(RedisClusterFixture fixture) : OrderConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterLifetimeTests(RedisClusterFixture fixture) : LifetimeConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterCrashTests(RedisClusterFixture fixture) : CrashConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterBytesTests(RedisClusterFixture fixture) : BytesConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterModelTests(RedisClusterFixture fixture) : ModelConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterFlowTests(RedisClusterFixture fixture) : FlowConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterScheduleTests(RedisClusterFixture fixture) : ScheduleConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterFlowCatalogueTests(RedisClusterFixture fixture) : FlowCatalogueConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterFlowModelTests(RedisClusterFixture fixture) : FlowModelConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server.ConnectionString) { ScriptPrelude = RedisHarness.KeyGuard };
}
