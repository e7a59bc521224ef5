using Krewe.Execution;
using Xunit;

namespace Krewe.Grains.Tests.Execution;

public sealed class ThreadFloorTests
{
    [Theory]
    [InlineData(2, 100, 300, 3, 10)] // Stalled: a step.
    [InlineData(2, 3, 300, 3, 5)] // One thread per handler beside the pool's own is enough.
    [InlineData(102, 100, 300, 3, 102)]
    [InlineData(2, 100, 300, 5_000, 2)] // Busy, not blocked.
    [InlineData(2, 100, 100, 3, 2)] // The probe came through.
    [InlineData(50, 0, 300, 3, 50)] // Nobody of ours blocks it.
    public void Next_WhenAProbeWaits_RaisesOnlyWhereHandlersBlock(int floor, int running, int waitedMs, int ended, int expected) =>
        Assert.Equal(expected, ThreadFloor.Next(floor, 2, running, TimeSpan.FromMilliseconds(waitedMs), ended, TimeSpan.Zero));

    [Theory]
    [InlineData(50, 0, 10, 42)]
    [InlineData(50, 0, 9, 50)]
    [InlineData(8, 0, 10, 2)]
    [InlineData(50, 47, 60, 49)] // What still may block keeps its thread.
    [InlineData(2, 0, 60, 2)]
    public void Next_WhenItIsCalm_LowersToWhatMayStillBlock(int floor, int running, int calmSeconds, int expected) =>
        Assert.Equal(expected, ThreadFloor.Next(floor, 2, running, TimeSpan.Zero, 0, TimeSpan.FromSeconds(calmSeconds)));
}
