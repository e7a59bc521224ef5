using Krewe.Chaos.Faults;
using Krewe.Testing.Redis;
using Xunit;

namespace Krewe.Chaos.Tests.Faults;

/// <summary>A cluster on a Redis that writes once a second.</summary>
public sealed class MixTests(MixTests.Fixture chaos) : IClassFixture<MixTests.Fixture>
{
    private const int Faults = 4;

    [Fact]
    public async Task Cluster_WhenRedisThatWritesOnceASecondIsKilled_LosesAtMostTheLastSecond()
    {
        var verdict = await chaos.JudgeAsync(FaultPlan.Of(chaos.Settings.Seed, chaos.Settings.Silos, ["kill-redis"]));

        Assert.Equal(verdict.Acknowledged, verdict.Finished + verdict.LostWithTheStore.Count);
        Assert.Empty(verdict.Failed);
    }

    [Fact]
    public async Task Cluster_WhenFaultsComeAsASeedDrewThem_LosesNothingAndRunsNothingTwice() =>
        Assert.Empty((await chaos.JudgeAsync(FaultPlan.Mix(chaos.Settings.Seed, Faults, chaos.Settings.Silos))).Failed);

    public sealed class Fixture : ChaosFixture
    {
        internal override ChaosSettings Settings => base.Settings with { Persistence = RedisPersistence.EverySecond, Seed = 7 };
    }
}
