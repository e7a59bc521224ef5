using Xunit;

namespace Krewe.Client.Tests.Testing;

public sealed class TestJobContextTests
{
    [Fact]
    public void Context_WhenNothingIsSet_IsTheFirstAttempt()
    {
        var context = new TestJobContext();

        Assert.Equal(("default~0~test", 1, 3, false, "default~0~test"), (context.JobId, context.Attempt, context.MaxRetries, context.HasInput, context.IdempotencyKey));
        Assert.Throws<NotSupportedException>(() => context.Jobs);
    }

    [Fact]
    public void Context_WhenTheHandlerUsesIt_SaysWhatTheTestSetAndRecordsProgress()
    {
        var reason = CancellationReason.None;
        var context = new TestJobContext(new() { JobId = "mail~2~x", Attempt = 2, Input = "before", CancellationReason = () => reason });

        context.ReportProgress(1, 2, new string('n', 300));
        reason = CancellationReason.SoftTimeLimit;

        Assert.Equal(new JobProgress(1, 2, new string('n', 256)), Assert.Single(context.Progress));
        Assert.Equal(("before", 0, CancellationReason.SoftTimeLimit), (context.Input<string>(), context.Input<int>(), context.CancellationReason));
        Assert.Equal("x.part", context.ChildId("part"));
        Assert.IsType<SnoozeJobException>(context.Snooze(TimeSpan.FromSeconds(1)));
    }
}
