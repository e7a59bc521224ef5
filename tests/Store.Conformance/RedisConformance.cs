using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>Redis alone.</summary>
public sealed class RedisMatrixConformance(RedisFixture fixture) : MatrixConformance, IClassFixture<RedisFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server);
}

/// <summary>Redis in cluster mode, with scripts that fail at any key they were not told.</summary>
public sealed class RedisClusterMatrixConformance(RedisClusterFixture fixture) : MatrixConformance, IClassFixture<RedisClusterFixture>
{
    private protected override IStoreHarness CreateHarness() => new RedisHarness(fixture.Server) { ScriptPrelude = RedisHarness.KeyGuard };
}
