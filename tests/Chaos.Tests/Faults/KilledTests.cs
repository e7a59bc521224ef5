using Xunit;

namespace Krewe.Chaos.Tests.Faults;

/// <summary>Silos that are killed, fewer and all of them.</summary>
public sealed class KilledTests(ChaosFixture chaos) : IClassFixture<ChaosFixture>
{
    [Fact]
    public async Task Cluster_WhenASiloIsKilled_RunsItsJobsAgainSoonAndLosesNone()
    {
        var verdict = await chaos.JudgeAsync("kill-one");

        Times.ShouldBeWithin(TimeSpan.FromSeconds(30), verdict.Declarations, "kill-one");
        Times.ShouldBeWithin(TimeSpan.FromSeconds(45), verdict.Recoveries, "kill-one");
    }

    [Fact]
    public async Task Cluster_WhenTwoOfThreeAreKilled_GoesOnWithTheThird() =>
        Times.ShouldBeWithin(TimeSpan.FromSeconds(90), (await chaos.JudgeAsync("kill-two")).Recoveries, "kill-two");

    [Fact]
    public async Task Cluster_WhenAllAreKilledAndStartOnNewPorts_GoesOnWithWhatTheyHeld() =>
        Times.ShouldBeWithin(TimeSpan.FromSeconds(120), (await chaos.JudgeAsync("kill-all")).Recoveries, "kill-all");
}
