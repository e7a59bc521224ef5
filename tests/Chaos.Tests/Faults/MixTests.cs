using Krewe.Chaos.Check;
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
    public async Task Cluster_WhenFaultsComeAsASeedDrewThem_LosesNothingAndRunsNothingTwice()
    {
        var verdict = await chaos.JudgeAsync(FaultPlan.Mix(chaos.Settings.Seed, Faults, chaos.Settings.Silos));

        // Four silos are killed here: who is met by three of them is a dead letter by the rule for crash loops. Nobody else is.
        Assert.All(verdict.Failed, jobId => Assert.Contains(verdict.Repeats, repeat => repeat.Kind == RepeatKind.AfterDeath && repeat.Second.JobId == jobId));
    }

    public sealed class Fixture : ChaosFixture
    {
        internal override ChaosSettings Settings => base.Settings with { Persistence = RedisPersistence.EverySecond, Seed = 7 };
    }
}
