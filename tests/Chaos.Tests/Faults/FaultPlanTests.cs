using CsCheck;
using Krewe.Chaos.Faults;
using Xunit;

namespace Krewe.Chaos.Tests.Faults;

public sealed class FaultPlanTests
{
    [Fact]
    public void Mix_WhenTheSeedIsTheSame_IsTheSame() =>
        Gen.Int[0, int.MaxValue].Sample(seed => Assert.Equal(FaultPlan.Mix(seed, 20, 3), FaultPlan.Mix(seed, 20, 3)));

    [Fact]
    public void Mix_WhenSeedsDiffer_Differs() => Assert.NotEqual(FaultPlan.Mix(1, 20, 3), FaultPlan.Mix(2, 20, 3));

    [Fact]
    public void Mix_WhenItIsLong_HasEveryFaultThatIsDrawnAndEveryVictim()
    {
        var plan = FaultPlan.Mix(1, 500, 3);

        Assert.Equal(FaultPlan.Names.Except(["flows", "stop-redis-5m"]).Order(), plan.Select(planned => planned.Fault.Name).Distinct().Order());
        Assert.Equal([0, 1, 2], plan.Select(planned => planned.Victim).Distinct().Order());
        Assert.All(plan, planned => Assert.InRange(planned.Pause, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void Of_WhenFaultsAreNamed_KeepsTheirOrder() =>
        Assert.Equal(["stop-silo", "kill-one", "stop-silo"], FaultPlan.Of(1, 3, ["stop-silo", "kill-one", "stop-silo"]).Select(planned => planned.Fault.Name));

    [Fact]
    public void Of_WhenThereIsNoSuchFault_NamesThoseThatThereAre() =>
        Assert.Contains("kill-one", Assert.Throws<ArgumentException>(() => FaultPlan.Of(1, 3, ["flood"])).Message, StringComparison.Ordinal);
}
