using Krewe.Client.Tests.Fakes;
using Xunit;

namespace Krewe.Client.Tests.Schedules;

public sealed class ScheduleClientTests
{
    private readonly FakeCluster _cluster = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DeleteAsync_WhenTheAnswerToItsFirstTryIsLost_IsTrueThoughNothingIsLeft()
    {
        var calls = 0;
        _cluster.OnDeleteSchedule = _ => calls++ == 0 ? throw new StoreUnavailableException("The answer is lost.") : Task.FromResult(false);

        Assert.True(await _cluster.Client().Schedules.DeleteAsync("nightly", Cancellation));
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task DeleteAsync_WhenThereIsNone_IsFalse()
    {
        _cluster.OnDeleteSchedule = _ => Task.FromResult(false);

        Assert.False(await _cluster.Client().Schedules.DeleteAsync("nightly", Cancellation));
    }
}
