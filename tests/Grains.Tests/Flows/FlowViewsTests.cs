using Krewe.Flows;
using Krewe.Storage;
using Xunit;

namespace Krewe.Grains.Tests.Flows;

public sealed class FlowViewsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Listed_OfASummary_TellsWhatIsInIt()
    {
        var error = new FlowError("default~0~f.1", "a.b", "A.B", "no", 2);
        var summary = new FlowSummary { Name = "n", State = JobState.Failed, FinishedAt = Now.AddSeconds(1), Error = StoredFlowError.Of(error), Reason = "why", IsSealed = true, Run = 2, ParentId = "default~0~p" };

        var info = FlowViews.Listed("f", new FlowHead(Now, IsOpen: false, Ttl: null, FlowEntryCodec.Encode(summary)));

        Assert.Equal(
            new FlowInfo { Id = "f", Name = "n", State = JobState.Failed, CreatedAt = Now, FinishedAt = Now.AddSeconds(1), Error = error, Reason = "why", IsSealed = true, Run = 2, ParentId = "default~0~p", Counts = info.Counts },
            info);
        Assert.Equal(0, info.Counts.Total);
    }

    [Fact]
    public void Listed_OfAFlowThatIsNotFinal_IsRunning()
    {
        var summary = new FlowSummary { State = JobState.Failed, Run = 1 };

        Assert.Equal(JobState.Running, FlowViews.Listed("f", new FlowHead(Now, IsOpen: true, Ttl: null, FlowEntryCodec.Encode(summary))).State);
    }

    [Theory]
    [InlineData(true, JobState.Running)]
    [InlineData(false, JobState.Failed)]
    public void Listed_WhenTheSummaryCannotBeRead_TellsWhatIsKnown(bool isOpen, JobState state)
    {
        var info = FlowViews.Listed("f", new FlowHead(Now, isOpen, Ttl: null, [0xff, 0xff, 0xff]));

        Assert.Equal(("f", Now, state), (info.Id, info.CreatedAt, info.State));
        Assert.StartsWith("Its summary cannot be read: ", info.Reason, StringComparison.Ordinal);
    }
}
