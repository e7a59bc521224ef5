using Krewe.Execution;
using Xunit;

namespace Krewe.Grains.Tests.Execution;

public sealed class AttemptControlTests
{
    [Fact]
    public void TakeProgress_WhenNothingIsNew_IsNull()
    {
        var control = new AttemptControl();
        control.Report(1, 3, "one");
        control.Report(2, 3, "two");

        Assert.Equal(new JobProgress(2, 3, "two"), control.TakeProgress());
        Assert.Null(control.TakeProgress());
        Assert.Equal(new JobProgress(2, 3, "two"), control.Progress);
    }

    [Fact]
    public void Report_WhenNobodyHasTakenTheLast_RingsOnce()
    {
        var rings = 0;
        var control = new AttemptControl { ProgressReported = () => rings++ };

        control.Report(1, 3, null);
        control.Report(2, 3, null);
        Assert.Equal(1, rings);

        control.TakeProgress();
        control.Report(3, 3, null);
        Assert.Equal(2, rings);
    }

    [Fact]
    public void Report_WhenNoteHoldsALoneSurrogate_ReplacesIt()
    {
        var control = new AttemptControl();

        control.Report(0, 0, "a\udc00");

        Assert.Equal("a\ufffd", control.Progress!.Note);
    }

    [Theory]
    [InlineData(CancellationReason.Draining, CancellationReason.SoftTimeLimit, CancellationReason.Draining)]
    [InlineData(CancellationReason.SoftTimeLimit, CancellationReason.ClaimLost, CancellationReason.ClaimLost)]
    [InlineData(CancellationReason.ClaimLost, CancellationReason.Cancelled, CancellationReason.ClaimLost)]
    [InlineData(CancellationReason.None, CancellationReason.Cancelled, CancellationReason.Cancelled)]
    public void Cancel_WhenThereAreTwoReasons_TheFirstStaysUnlessTheClaimIsLost(CancellationReason first, CancellationReason second, CancellationReason expected)
    {
        var control = new AttemptControl();

        control.Cancel(first);
        control.Cancel(second);

        Assert.Equal(expected, control.Reason);
        Assert.True(control.Token.IsCancellationRequested);
    }

    [Fact]
    public void Cancel_WhenReasonIsNone_DoesNotFire()
    {
        var control = new AttemptControl();

        control.Cancel(CancellationReason.None);

        Assert.False(control.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Cancel_WhenTheTokenFires_TheReasonIsThereAlready()
    {
        var control = new AttemptControl();
        var seen = new TaskCompletionSource<CancellationReason>();
        control.Token.Register(() => seen.SetResult(control.Reason));

        control.Cancel(CancellationReason.SoftTimeLimit);

        Assert.Equal(CancellationReason.SoftTimeLimit, await ExecutionRig.Soon(seen.Task));
    }
}
