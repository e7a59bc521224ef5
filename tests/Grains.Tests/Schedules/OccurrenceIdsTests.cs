using Krewe.Schedules;
using Xunit;

namespace Krewe.Grains.Tests.Schedules;

public sealed class OccurrenceIdsTests
{
    private static readonly DateTimeOffset Due = new(2026, 11, 28, 3, 0, 0, TimeSpan.FromHours(1));

    [Theory]
    [InlineData("daily-reports", "daily-reports.k3f9x2ab.20261128T020000Z")]
    [InlineData("a.b_c", "a.b_c.k3f9x2ab.20261128T020000Z")]
    public void Of_WhenTheIdIsShort_CanBeRead(string id, string expected) => Assert.Equal(expected, OccurrenceIds.Of(Some(id), Due));

    [Fact]
    public void Of_WhenTheIdIsLong_FitsAndTellsInstantsApart()
    {
        var (one, other) = (OccurrenceIds.Of(Some(new string('a', 100)), Due), OccurrenceIds.Of(Some(new string('a', 100)), Due.AddSeconds(1)));

        Assert.NotEqual(one, other);
        Assert.All([one, other], id => Assert.InRange(id.Length, 1, 100));
    }

    private static ScheduleRecord Some(string id) => new() { Id = id, Incarnation = "k3f9x2ab", Definition = new ScheduleDefinition() };
}
