using Krewe.Execution;
using Krewe.Jobs;
using Xunit;

namespace Krewe.Grains.Tests.Execution;

public sealed class JobRunnerLimitTests : IAsyncDisposable
{
    private readonly ExecutionRig _rig = new();
    private readonly AttemptControl _control = new();
    private readonly TaskCompletionSource<JobContext> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask DisposeAsync()
    {
        _release.TrySetResult();
        return _rig.DisposeAsync();
    }

    [Fact]
    public async Task RunAsync_WhenSoftLimitPasses_FailsAsTimeLimitAndMayBeRetried()
    {
        var run = _rig.RunAsync(ObedientAsync, new JobSettings { SoftTimeLimit = TimeSpan.FromSeconds(1.5) }, _control);
        var context = await ExecutionRig.Soon(_started.Task);

        _rig.Time.Advance(TimeSpan.FromSeconds(1.5));
        var outcome = await run;

        Assert.Equal((OutcomeKind.Failed, "Krewe.JobTimeLimitException", true), (outcome.Kind, outcome.Error!.Type, outcome.Error.IsRetryable));
        Assert.Equal("Soft time limit (1.5s) exceeded for test.scripted.", outcome.Error.Message);
        Assert.Equal(CancellationReason.SoftTimeLimit, context.CancellationReason);
        Assert.Equal(ExecutionRig.Start.AddSeconds(1.5), outcome.EndedAt);
    }

    [Fact]
    public async Task RunAsync_WhenSoftLimitHasNotPassed_DoesNotFire()
    {
        var run = _rig.RunAsync(ObedientAsync, new JobSettings { SoftTimeLimit = TimeSpan.FromSeconds(2) }, _control);
        var context = await ExecutionRig.Soon(_started.Task);

        _rig.Time.Advance(TimeSpan.FromSeconds(1.999));

        Assert.Equal(CancellationReason.None, context.CancellationReason);
        Assert.False(_control.Token.IsCancellationRequested);
        _release.SetResult();
        Assert.Equal(OutcomeKind.Succeeded, (await run).Kind);
    }

    [Fact]
    public async Task RunAsync_WhenHandlerReturnsAfterItsSoftLimit_Succeeds()
    {
        var run = _rig.RunAsync(DeafAsync, new JobSettings { SoftTimeLimit = TimeSpan.FromSeconds(1) }, _control);
        await ExecutionRig.Soon(_started.Task);

        _rig.Time.Advance(TimeSpan.FromSeconds(5));
        _release.SetResult();

        Assert.Equal(OutcomeKind.Succeeded, (await run).Kind);
    }

    [Fact]
    public async Task RunAsync_WhenHandlerThrowsItsOwnAfterTheSoftLimit_FailsWithThat()
    {
        var run = _rig.RunAsync(
            async (context, token) =>
            {
                try
                {
                    return await ObedientAsync(context, token);
                }
                catch (OperationCanceledException)
                {
                    throw new IOException("half done");
                }
            },
            new JobSettings { SoftTimeLimit = TimeSpan.FromSeconds(1) },
            _control);
        await ExecutionRig.Soon(_started.Task);

        _rig.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("System.IO.IOException", (await run).Error!.Type);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_WhenHandlerIgnoresItsHardLimit_TimesOutAtOnceAndIsAZombieUntilItEnds(bool isRetryable)
    {
        var ended = new TaskCompletionSource<Zombie>();
        _rig.Zombies.Ended += ended.SetResult;
        var run = _rig.RunAsync(DeafAsync, new JobSettings { TimeLimit = TimeSpan.FromSeconds(2), RetryOnHardLimit = isRetryable }, _control);
        var context = await ExecutionRig.Soon(_started.Task);

        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        var outcome = await run;

        Assert.Equal((OutcomeKind.TimedOut, "Krewe.JobTimeLimitException", isRetryable), (outcome.Kind, outcome.Error!.Type, outcome.Error.IsRetryable));
        Assert.Equal("Hard time limit (2s) exceeded for test.scripted.", outcome.Error.Message);
        Assert.True(_control.Token.IsCancellationRequested);
        Assert.Equal(CancellationReason.ClaimLost, context.CancellationReason);
        Assert.True(_control.IsHandlerRunning);
        Assert.Equal(1, _rig.Runner.ZombieCount);
        Assert.Equal(("default~0~01j", "test.scripted"), (Assert.Single(_rig.Zombies.All).JobId, Assert.Single(_rig.Zombies.All).JobName));

        _release.SetResult();
        var zombie = await ExecutionRig.Soon(ended.Task);

        Assert.Equal("default~0~01j", zombie.JobId);
        Assert.Equal(0, _rig.Zombies.Count);
        Assert.Empty(_rig.Zombies.All);
        Assert.False(_control.IsHandlerRunning);
    }

    [Fact]
    public async Task RunAsync_WhenHandlerBlocksItsThread_StallsNobodyAndTimesOut()
    {
        using var blocked = new ManualResetEventSlim();
        var ended = new TaskCompletionSource<Zombie>();
        _rig.Zombies.Ended += ended.SetResult;
        var run = _rig.RunAsync(
            (context, _) =>
            {
                _started.SetResult(context);
                blocked.Wait(CancellationToken.None);
                return Task.FromResult<object?>(null);
            },
            new JobSettings { TimeLimit = TimeSpan.FromSeconds(2) },
            _control);
        await ExecutionRig.Soon(_started.Task);

        _rig.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(OutcomeKind.TimedOut, (await run).Kind);
        blocked.Set();
        await ExecutionRig.Soon(ended.Task);
    }

    [Fact]
    public async Task RunAsync_WhenSoftAndHardLimitPass_TheHardOneDecides()
    {
        var run = _rig.RunAsync(DeafAsync, new JobSettings { SoftTimeLimit = TimeSpan.FromSeconds(1), TimeLimit = TimeSpan.FromSeconds(2) }, _control);
        await ExecutionRig.Soon(_started.Task);

        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CancellationReason.SoftTimeLimit, _control.Reason);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(OutcomeKind.TimedOut, (await run).Kind);
    }

    [Fact]
    public async Task RunAsync_WhenLimitIsLongerThanATimerRuns_StillRuns()
    {
        _release.SetResult();

        Assert.Equal(OutcomeKind.Succeeded, (await _rig.RunAsync(DeafAsync, new JobSettings { TimeLimit = TimeSpan.MaxValue })).Kind);
    }

    [Fact]
    public async Task RunAsync_WhenContextIsReadAfterTheEnd_ReportsAreNoMoreTaken()
    {
        var run = _rig.RunAsync(DeafAsync, new JobSettings { TimeLimit = TimeSpan.FromSeconds(2) }, _control);
        var context = await ExecutionRig.Soon(_started.Task);
        context.ReportProgress(1, 2);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));

        var outcome = await run;
        context.ReportProgress(2, 2);

        Assert.Equal(new JobProgress(1, 2, null), outcome.Progress);
        Assert.Equal(new JobProgress(1, 2, null), _control.Progress);
    }

    private async Task<object?> ObedientAsync(JobContext context, CancellationToken cancellationToken)
    {
        _started.TrySetResult(context);
        await _release.Task.WaitAsync(cancellationToken);
        return null;
    }

    private async Task<object?> DeafAsync(JobContext context, CancellationToken cancellationToken)
    {
        _started.TrySetResult(context);
        await _release.Task;
        return null;
    }
}
