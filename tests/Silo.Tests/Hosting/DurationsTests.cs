using System.Globalization;
using CsCheck;
using Krewe.Hosting;
using Xunit;

namespace Krewe.Silo.Tests.Hosting;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("0", "00:00:00")]
    [InlineData("30s", "00:00:30")]
    [InlineData(" 5m ", "00:05:00")]
    [InlineData("1h30m", "01:30:00")]
    [InlineData("1.5s", "00:00:01.5000000")]
    [InlineData("250ms", "00:00:00.2500000")]
    [InlineData("2d", "2.00:00:00")]
    [InlineData("00:00:30", "00:00:30")]
    [InlineData("1.02:03:04", "1.02:03:04")]
    public void TryParse_WhenItIsADuration_ReadsIt(string text, string expected)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.Parse(expected, CultureInfo.InvariantCulture), duration);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("5 s")]
    [InlineData("-5s")]
    [InlineData("5x")]
    [InlineData("1..5s")]
    [InlineData("1e3s")]
    [InlineData("99999999999999999999d")]
    [InlineData("24:00")]
    [InlineData("soon")]
    public void TryParse_WhenItIsNone_SaysSo(string? text) => Assert.False(Durations.TryParse(text, out _));

    [Fact]
    public void TryParse_WhenWrittenByToString_ReadsTheSame() =>
        Gen.TimeSpan.Sample(duration => Assert.True(Durations.TryParse(duration.ToString("c"), out var read) && read == duration));
}
