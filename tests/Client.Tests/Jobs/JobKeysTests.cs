using System.Text;
using CsCheck;
using Krewe.Jobs;
using Xunit;

namespace Krewe.Client.Tests.Jobs;

public sealed class JobKeysTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void NewId_WhenMadeLater_SortsLater() =>
        Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[1, 64]).Sample((milliseconds, partitions) =>
            string.CompareOrdinal(JobKeys.NewId(0, partitions, Now), JobKeys.NewId(0, partitions, Now.AddMilliseconds(milliseconds))) < 0);

    [Fact]
    public void NewId_WhenMadeForAPartition_HashesToIt() =>
        Gen.Int[1, 64].SelectMany(partitions => Gen.Int[0, partitions - 1], (partitions, partition) => (partitions, partition)).Sample(way =>
        {
            var id = JobKeys.NewId(way.partition, way.partitions, Now);

            Assert.Equal(26, id.Length);
            Assert.True(JobIds.IsId(id));
            Assert.Equal(way.partition, JobKeys.PartitionOf(id, way.partitions));
        });

    [Fact]
    public void NewId_WhenMadeManyTimesInOneMillisecond_NeverRepeats() =>
        Assert.Equal(20_000, Enumerable.Range(0, 20_000).Select(index => JobKeys.NewId(index % 4, 4, Now)).Distinct().Count());

    [Fact]
    public void WriteBase32_WhenDecoded_GivesTheSameBits()
    {
        var text = new byte[26];
        var value = Guid.Parse("01234567-89ab-cdef-fedc-ba9876543210");

        JobKeys.WriteBase32(value, text);

        var bits = text.Aggregate(UInt128.Zero, (sum, letter) => (sum << 5) | (UInt128)"0123456789abcdefghjkmnpqrstvwxyz".IndexOf((char)letter, StringComparison.Ordinal));
        Assert.Equal("0123456789ABCDEFFEDCBA9876543210", bits.ToString("X32", null));
    }

    [Fact]
    public void Fingerprint_WhenNameAndArgsAreTheSame_IsTheSameForEver()
    {
        Assert.Equal(JobKeys.Fingerprint("a", "{}"u8), JobKeys.Fingerprint("a", "{}"u8));
        Assert.NotEqual(JobKeys.Fingerprint("a", "{}"u8), JobKeys.Fingerprint("b", "{}"u8));
        Assert.NotEqual(JobKeys.Fingerprint("a", "bc"u8), JobKeys.Fingerprint("ab", "c"u8));
        Assert.Equal(System.IO.Hashing.XxHash64.HashToUInt64(Encoding.UTF8.GetBytes("email.send\0{\"to\":\"x\"}")), JobKeys.Fingerprint("email.send", "{\"to\":\"x\"}"u8));
    }

    [Fact]
    public void PartitionOf_WhenTheLayoutIsStored_NeverChanges()
    {
        Assert.Equal(0, JobKeys.PartitionOf("order-42", 1));
        Assert.Equal((int)(System.IO.Hashing.XxHash3.HashToUInt64("order-42"u8) % 64), JobKeys.PartitionOf("order-42", 64));
        Assert.Equal((int)(System.IO.Hashing.XxHash3.HashToUInt64("email.send\0k"u8) % 64), JobKeys.PartitionOf("email.send", "k", 64));
        Assert.Equal((int)(System.IO.Hashing.XxHash3.HashToUInt64("flow-7"u8) % 64), JobKeys.PartitionOf("flow-7.31", 64));
        Assert.Equal((int)(((System.IO.Hashing.XxHash3.HashToUInt64("flow-7"u8) % 64) + 3) % 64), JobKeys.PartitionOf("flow-7.100", 64));
    }
}
