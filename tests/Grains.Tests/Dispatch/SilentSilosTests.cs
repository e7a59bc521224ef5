using System.Net;
using Krewe.Dispatch;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Krewe.Grains.Tests.Dispatch;

public sealed class SilentSilosTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Contains_WhenASiloDidNotAnswer_HoldsForTenSeconds()
    {
        var silent = new SilentSilos(_time);
        silent.Add(Silo(1));

        _time.Advance(SilentSilos.PassOverFor - TimeSpan.FromMilliseconds(1));
        Assert.Equal((true, false), (silent.Contains(Silo(1)), silent.Contains(Silo(2))));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(silent.Contains(Silo(1)));
    }

    [Fact]
    public void Add_WhenSilosDieOneAfterTheOther_KeepsTheLatestOnly()
    {
        var silent = new SilentSilos(_time);
        for (var generation = 1; generation <= 100; generation++)
        {
            silent.Add(Silo(generation));
            _time.Advance(SilentSilos.PassOverFor / 2);
        }

        Assert.Equal(2, silent.Count);
        Assert.True(silent.Contains(Silo(100)));
    }

    private static SiloAddress Silo(int generation) => SiloAddress.New(IPAddress.Loopback, 11111, generation);
}
