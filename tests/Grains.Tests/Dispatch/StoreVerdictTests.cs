using Krewe.Dispatch;
using Xunit;

namespace Krewe.Grains.Tests.Dispatch;

public sealed class StoreVerdictTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(null, false)]
    [InlineData(29, false)]
    [InlineData(30, true)]
    public void MustAsk_WhenTheStoreDoesNotAnswer_BearsItForAWhile(int? seconds, bool expected) =>
        Assert.Equal(expected, StoreVerdict.MustAsk(seconds is { } failing ? TimeSpan.FromSeconds(failing) : null, Patience));

    [Fact]
    public void MustGiveUp_WhenAPeerReachesTheStore_TakesThreeRoundsInARow()
    {
        var rounds = 0;
        foreach (var peers in new bool[][] { [true], [true, false], [false, false], [true], [], [true], [false, true] })
        {
            rounds = StoreVerdict.After(rounds, peers);
            Assert.False(StoreVerdict.MustGiveUp(rounds));
        }

        Assert.True(StoreVerdict.MustGiveUp(StoreVerdict.After(rounds, [true])));
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(1, 119, false)]
    [InlineData(1, 120, true)]
    public void MustLeave_WhenItGaveUp_WaitsForItsHandlersWithinABound(int running, int seconds, bool expected) =>
        Assert.Equal(expected, StoreVerdict.MustLeave(running, TimeSpan.FromSeconds(seconds)));
}
