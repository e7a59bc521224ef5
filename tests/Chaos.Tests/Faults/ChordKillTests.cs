using CsCheck;
using Krewe.Chaos.Faults;
using Xunit;

namespace Krewe.Chaos.Tests.Faults;

public sealed class ChordKillTests
{
    private const int Silos = 3;

    [Fact]
    public void Plan_WhateverTheSeed_StrikesEverySiloInEachRoundWithinTheProgress() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        var kills = ChordKill.Plan(seed, 2 * Silos, Silos);

        Assert.All(kills.Chunk(Silos), round => Assert.Equal([0, 1, 2], round.Select(kill => kill.Place).Order()));
        Assert.Equal(kills.Select(kill => kill.Progress).Order(), kills.Select(kill => kill.Progress));
        Assert.All(kills, kill => Assert.InRange(kill.Progress, 0.05, 0.9));
        Assert.Equal(Silos, kills.Count(kill => kill.IsAimed));
    });

    [Fact]
    public void Plan_WhenTheSeedIsTheSame_IsTheSame() => Assert.Equal(ChordKill.Plan(3, 2, Silos), ChordKill.Plan(3, 2, Silos));

    [Fact]
    public void Plan_WhenSeedsDiffer_Differs() => Assert.NotEqual(ChordKill.Plan(1, 2, Silos), ChordKill.Plan(2, 2, Silos));
}
