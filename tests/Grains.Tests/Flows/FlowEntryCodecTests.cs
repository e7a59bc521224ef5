using CsCheck;
using Krewe.Flows;
using Xunit;

namespace Krewe.Grains.Tests.Flows;

public sealed class FlowEntryCodecTests
{
    [Fact]
    public void DecodeEnds_WhateverTheEnds_GivesThemBack()
    {
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Enum<JobState>().Where(state => state.IsFinal())).List[0, 300].Sample(ends =>
            Assert.Equal(ends.Select(end => (end.Item1, end.Item2)), FlowEntryCodec.DecodeEnds(FlowEntryCodec.EncodeEnds([.. ends.Select(end => (end.Item1, end.Item2))]))));
    }

    [Fact]
    public void EncodeEnds_WhenMembersEndInOrder_TakesAByteEach()
    {
        var ends = Enumerable.Range(1, 1000).Select(job => (job, JobState.Succeeded)).ToList();

        Assert.Equal(1000, FlowEntryCodec.EncodeEnds(ends).Length);
    }

    [Fact]
    public void Decode_WhenTheBytesAreNone_SaysSo() => Assert.Throws<InvalidDataException>(() => FlowEntryCodec.Decode([0xff, 0xff, 0x01]));
}
