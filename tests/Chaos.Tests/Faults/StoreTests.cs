using Krewe.Chaos.Check;
using Xunit;

namespace Krewe.Chaos.Tests.Faults;

/// <summary>A Redis that is killed, stands still, or is lost to one silo alone.</summary>
public sealed class StoreTests(ChaosFixture chaos) : IClassFixture<ChaosFixture>
{
    [Fact]
    public async Task Cluster_WhenRedisThatWritesAtEveryStepIsKilled_LosesNothingAndRepeatsNothing() => Assert.Equal(0, (await chaos.JudgeAsync("kill-redis")).Count(RepeatKind.AfterItsEnd));

    [Fact]
    public async Task Cluster_WhenRedisStandsStill_GoesOnWithItAndRepeatsNothing() => Assert.Equal(0, (await chaos.JudgeAsync("stop-redis")).Count(RepeatKind.AfterItsEnd));

    [Fact]
    public async Task Silo_WhenItAloneLosesRedis_LeavesByItself() => Assert.Equal(0, (await chaos.JudgeAsync("cut-off")).Count(RepeatKind.AfterItsEnd));
}
