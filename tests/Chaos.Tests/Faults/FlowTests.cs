using Xunit;

namespace Krewe.Chaos.Tests.Faults;

/// <summary>Chords amid which silos are killed.</summary>
public sealed class FlowTests(FlowTests.Fixture chaos) : IClassFixture<FlowTests.Fixture>
{
    [Fact]
    public async Task Chords_WhenSilosAreKilledAmidThem_EachEndsOnceWithOneBodyOnAllResults()
    {
        var verdict = await chaos.JudgeAsync("flows");

        var chords = chaos.Settings.Chords;
        Assert.Equal((chords.Chords, chords.Chords), (verdict.Flows.Acknowledged, verdict.Flows.Succeeded));
        Assert.Equal(chords.Chords * chords.Members, verdict.Flows.Members);
        Assert.Equal(chords.Chords, verdict.Flows.BodiesOnce + verdict.Flows.BodiesAgain);
        Assert.Equal(chords.Kills, verdict.Declarations.Count(declared => declared.Fault == "flows"));
    }

    public sealed class Fixture : ChaosFixture
    {
        internal override ChaosSettings Settings => base.Settings with { PerSecond = 10, Chords = new ChordSettings { Chords = 20, Members = 20, Kills = 2, Slots = 2 } };
    }
}
