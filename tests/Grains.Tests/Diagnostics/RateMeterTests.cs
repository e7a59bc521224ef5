using Krewe.Diagnostics;
using Xunit;

namespace Krewe.Grains.Tests.Diagnostics;

public sealed class RateMeterTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void PerSecond_WhenEventsComeForAMinute_IsTheirMean()
    {
        var meter = new RateMeter();
        for (var second = 0; second < 60; second++)
        {
            for (var i = 0; i < 3; i++)
            {
                meter.Mark(Start.AddSeconds(second));
            }
        }

        Assert.Equal(3, meter.PerSecond(Start.AddSeconds(59)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(59, 1)]
    [InlineData(60, 0)]
    [InlineData(3600, 0)]
    public void PerSecond_WhenTimePasses_ForgetsWhatIsOlderThanAMinute(int later, double expected)
    {
        var meter = new RateMeter();
        for (var i = 0; i < 60; i++)
        {
            meter.Mark(Start);
        }

        Assert.Equal(expected, meter.PerSecond(Start.AddSeconds(later)));
    }

    [Fact]
    public void Mark_WhenABucketIsUsedAgain_StartsItAnew()
    {
        var meter = new RateMeter();
        meter.Mark(Start);
        meter.Mark(Start.AddSeconds(60));

        Assert.Equal(1 / 60.0, meter.PerSecond(Start.AddSeconds(60)));
    }

    [Fact]
    public void PerSecond_WhenTheClockIsSetBack_ForgetsWhatLiesAhead()
    {
        var meter = new RateMeter();
        meter.Mark(Start);

        Assert.Equal(0, meter.PerSecond(Start.AddHours(-1)));
    }
}
