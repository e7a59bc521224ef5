using Krewe.Queues;
using Xunit;

namespace Krewe.Grains.Tests.Queues;

public sealed class IntakeTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 4)]
    [InlineData(12, 4)]
    [InlineData(1_000_001, 64)]
    public void ShareOf_WhenAllAreAdded_IsTheLimit(long limit, int partitions)
    {
        var shares = Enumerable.Range(0, partitions).Select(partition => Intake.ShareOf(limit, partition, partitions)).ToList();

        Assert.Equal(limit, shares.Sum());
        Assert.InRange(shares.Max() - shares.Min(), 0, 1);
    }

    [Fact]
    public void ShareOf_WhenThereAreMorePartitionsThanJobs_IsOneForEach() => Assert.All(Enumerable.Range(0, 8), partition => Assert.Equal(1, Intake.ShareOf(3, partition, 8)));
}
