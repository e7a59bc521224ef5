using Xunit;

namespace Krewe.Chaos.Tests.Faults;

/// <summary>Bounds of times; wide enough for a machine that runs other tests beside.</summary>
internal static class Times
{
    internal static void ShouldBeWithin(TimeSpan limit, IEnumerable<(string Fault, TimeSpan Time)> times, string fault)
    {
        var found = times.Where(time => time.Fault == fault).ToList();
        Assert.NotEmpty(found);
        Assert.All(found, time => Assert.InRange(time.Time, TimeSpan.Zero, limit));
    }
}
