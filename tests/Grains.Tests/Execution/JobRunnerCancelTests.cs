using Krewe.Execution;
using Xunit;

namespace Krewe.Grains.Tests.Execution;

public sealed class JobRunnerCancelTests : IAsyncDisposable
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

    public static TheoryData<CancellationReason[], CancellationReason, string> EndedByToken => new()
    {
        { [CancellationReason.Cancelled], CancellationReason.Cancelled, nameof(OutcomeKind.Cancelled) },
        { [CancellationReason.Draining], CancellationReason.Draining, nameof(OutcomeKind.Released) },
        { [CancellationReason.ClaimLost], CancellationReason.ClaimLost, nameof(OutcomeKind.Released) },
        { [CancellationReason.SoftTimeLimit], CancellationReason.SoftTimeLimit, nameof(OutcomeKind.Failed) },
        { [CancellationReason.Cancelled, CancellationReason.Draining], CancellationReason.Cancelled, nameof(OutcomeKind.Cancelled) },
        { [CancellationReason.Draining, CancellationReason.Cancelled], CancellationReason.Draining, nameof(OutcomeKind.Cancelled) },
        { [CancellationReason.SoftTimeLimit, CancellationReason.Cancelled], CancellationReason.SoftTimeLimit, nameof(OutcomeKind.Cancelled) },
        { [CancellationReason.SoftTimeLimit, CancellationReason.Draining], CancellationReason.SoftTimeLimit, nameof(OutcomeKind.Failed) },
        { [CancellationReason.Cancelled, CancellationReason.ClaimLost], CancellationReason.ClaimLost, nameof(OutcomeKind.Released) },
    };

    [Theory]
    [MemberData(nameof(EndedByToken))]
    public async Task RunAsync_WhenHandlerEndsByItsToken_TheReasonsDecide(CancellationReason[] reasons, CancellationReason seen, string expected)
    {
        var run = _rig.RunAsync(
            async (context, token) =>
            {
                _started.SetResult(context);
                await _release.Task;
                token.ThrowIfCancellationRequested();
                return null;
            },
            control: _control);
        await ExecutionRig.Soon(_started.Task);

        foreach (var reason in reasons)
        {
            _control.Cancel(reason);
        }

        _release.SetResult();
        var outcome = await run;

        Assert.Equal(seen, _control.Reason);
        Assert.Equal(expected, outcome.Kind.ToString());
        Assert.Equal(expected == nameof(OutcomeKind.Failed), outcome.Error is not null);
    }

    [Theory]
    [InlineData(CancellationReason.Cancelled)]
    [InlineData(CancellationReason.Draining)]
    [InlineData(CancellationReason.ClaimLost)]
    public async Task RunAsync_WhenHandlerReturnsAllTheSame_Succeeds(CancellationReason reason)
    {
        var run = _rig.RunAsync(DeafAsync, control: _control);
        await ExecutionRig.Soon(_started.Task);

        _control.Cancel(reason);
        _release.SetResult();

        Assert.Equal(OutcomeKind.Succeeded, (await run).Kind);
    }

    [Fact]
    public async Task RunAsync_WhenCancelledHandlerDoesNotEnd_IsAbandonedAfterTheGrace()
    {
        var run = _rig.RunAsync(DeafAsync, control: _control);
        await ExecutionRig.Soon(_started.Task);

        _control.Cancel(CancellationReason.Cancelled);
        _rig.Time.Advance(TimeSpan.FromSeconds(9.999));
        Assert.False(run.IsCompleted);
        _rig.Time.Advance(TimeSpan.FromSeconds(0.001));
        var outcome = await run;

        Assert.Equal((OutcomeKind.Cancelled, "Its handler did not end within 10s of the cancel and was abandoned."), (outcome.Kind, outcome.Reason));
        Assert.Equal(1, _rig.Zombies.Count);
        Assert.Equal(CancellationReason.Cancelled, _control.Reason);
    }

    [Theory]
    [InlineData(CancellationReason.Draining)]
    [InlineData(CancellationReason.SoftTimeLimit)]
    public async Task RunAsync_WhenCancelComesAfterAnotherReason_TheGraceBeginsAllTheSame(CancellationReason first)
    {
        var run = _rig.RunAsync(DeafAsync, control: _control);
        await ExecutionRig.Soon(_started.Task);

        _control.Cancel(first);
        _control.Cancel(CancellationReason.Cancelled);
        _rig.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(OutcomeKind.Cancelled, (await run).Kind);
    }

    [Theory]
    [InlineData(CancellationReason.Draining)]
    [InlineData(CancellationReason.ClaimLost)]
    public async Task RunAsync_WhenDrainedOrLostHandlerDoesNotEnd_IsWaitedFor(CancellationReason reason)
    {
        var run = _rig.RunAsync(DeafAsync, control: _control);
        await ExecutionRig.Soon(_started.Task);

        _control.Cancel(reason);
        _rig.Time.Advance(TimeSpan.FromHours(1));

        Assert.False(run.IsCompleted);
        Assert.Equal(0, _rig.Zombies.Count);
        Assert.True(_control.IsHandlerRunning);
    }

    [Theory]
    [InlineData(CancellationReason.Cancelled, nameof(OutcomeKind.Cancelled))]
    [InlineData(CancellationReason.Draining, nameof(OutcomeKind.Released))]
    [InlineData(CancellationReason.ClaimLost, nameof(OutcomeKind.Released))]
    public async Task RunAsync_WhenTokenFiredBeforeTheStart_NeverStarts(CancellationReason reason, string expected)
    {
        _control.Cancel(reason);

        var outcome = await _rig.RunAsync(DeafAsync, control: _control);

        Assert.Equal((expected, null), (outcome.Kind.ToString(), outcome.StartedAt));
        Assert.False(_started.Task.IsCompleted);
    }

    [Fact]
    public async Task RunAsync_WhenTokensCallbacksThrowOrBlock_TheCancellerIsNotHurt()
    {
        using var blocked = new ManualResetEventSlim();
        var run = _rig.RunAsync(
            async (context, token) =>
            {
                token.Register(() => blocked.Wait(CancellationToken.None));
                token.Register(() => throw new InvalidOperationException("callback"));
                return await DeafAsync(context, token);
            },
            control: _control);
        await ExecutionRig.Soon(_started.Task);

        _control.Cancel(CancellationReason.Draining);

        Assert.True(_control.Token.IsCancellationRequested);
        blocked.Set();
        _release.SetResult();
        Assert.Equal(OutcomeKind.Succeeded, (await run).Kind);
    }

    [Fact]
    public async Task Cancel_WhenAttemptHasEnded_ChangesNothing()
    {
        _release.SetResult();
        await _rig.RunAsync(DeafAsync, control: _control);

        _control.Cancel(CancellationReason.Cancelled);

        Assert.Equal((CancellationReason.None, false), (_control.Reason, _control.Token.IsCancellationRequested));
    }

    private async Task<object?> DeafAsync(JobContext context, CancellationToken cancellationToken)
    {
        _started.TrySetResult(context);
        await _release.Task;
        return null;
    }
}
