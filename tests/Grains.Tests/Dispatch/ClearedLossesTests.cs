using Krewe.Dispatch;
using Krewe.Jobs;
using Xunit;

namespace Krewe.Grains.Tests.Dispatch;

public sealed class ClearedLossesTests
{
    [Theory]
    [InlineData("a b", 2, "", 0)]
    [InlineData("a c", 2, "c", 1)]
    [InlineData("c d", 2, "c d", 2)]
    [InlineData("", 0, "", 0)]
    public void Of_WhenLossesAreCleared_CountsTheOthersOnly(string losses, int count, string left, int leftCount)
    {
        var record = new JobRecord { Id = "j", Name = "n", LostDeliveries = count, LostWith = losses.Length > 0 ? losses.Split(' ') : null };

        var cleared = ClearedLosses.Of(record, ["a", "b"]);

        Assert.Equal(leftCount, cleared.LostDeliveries);
        Assert.Equal(left, string.Join(' ', cleared.LostWith ?? []));
    }

    [Fact]
    public void Of_WhenNothingIsCleared_IsTheRecordItself()
    {
        var record = new JobRecord { Id = "j", Name = "n", LostDeliveries = 2, LostWith = ["c"] };

        Assert.Same(record, ClearedLosses.Of(record, ["a"]));
    }

    [Fact]
    public void Of_WhenTheJobIsADeadLetter_KeepsWhatItWasLostWith()
    {
        var record = new JobRecord { Id = "j", Name = "n", State = JobState.Failed, LostDeliveries = 2, LostWith = ["a", "b"] };

        Assert.Same(record, ClearedLosses.Of(record, ["a", "b"]));
    }
}
