using Krewe.Chaos.Check;
using Xunit;

namespace Krewe.Chaos.Tests.Faults;

/// <summary>Silos that are hung, deployed, or ended by a handler.</summary>
public sealed class LeavingTests(ChaosFixture chaos) : IClassFixture<ChaosFixture>
{
    [Fact]
    public async Task Cluster_WhenASiloHangsUntilItWasDeclaredDead_DropsItsLateResultsAndItLeavesByItself()
    {
        var verdict = await chaos.JudgeAsync("stop-silo");

        Times.ShouldBeWithin(TimeSpan.FromSeconds(60), verdict.Declarations, "stop-silo");
        Times.ShouldBeWithin(TimeSpan.FromSeconds(90), verdict.Recoveries, "stop-silo");
        Assert.True(verdict.Count(RepeatKind.ByZombie) > 0);
    }

    [Fact]
    public async Task Cluster_WhenItIsDeployedOneSiloAtATime_RepeatsNothing() => Assert.Empty((await chaos.JudgeAsync("rolling")).Repeats);

    [Fact]
    public async Task Cluster_WhenAHandlerEndsItsProcessEveryTime_MakesItsJobADeadLetterAndNoOther() => await chaos.JudgeAsync("crash-job");
}
