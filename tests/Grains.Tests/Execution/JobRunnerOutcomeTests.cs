using System.Reflection;
using System.Text;
using Krewe.Execution;
using Krewe.Jobs;
using Xunit;

namespace Krewe.Grains.Tests.Execution;

public sealed class JobRunnerOutcomeTests : IAsyncDisposable
{
    private readonly ExecutionRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task RunAsync_WhenHandlerReturns_SucceedsWithItsResultAsJson()
    {
        var outcome = await _rig.RunAsync((_, _) => Task.FromResult<object?>(new { OrderId = "ö-1", State = JobState.Queued }));

        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
        Assert.Equal("""{"orderId":"\u00F6-1","state":"Queued"}""", Encoding.UTF8.GetString(outcome.Result!));
        Assert.Equal("01j", outcome.Id);
        Assert.Equal("1-00000000000000ff", outcome.Token);
        Assert.Equal(ExecutionRig.Start, outcome.StartedAt);
        Assert.Equal(ExecutionRig.Start, outcome.EndedAt);
        Assert.Null(outcome.Error);
        Assert.Null(outcome.MergedSettings);
    }

    [Fact]
    public async Task RunAsync_WhenResultIsNull_SucceedsWithJsonNull() =>
        Assert.Equal("null"u8.ToArray(), (await _rig.RunAsync((_, _) => Task.FromResult<object?>(null))).Result);

    [Fact]
    public async Task RunAsync_WhenResultIsIgnored_DoesNotEvenSerializeIt()
    {
        var outcome = await _rig.RunAsync((_, _) => Task.FromResult<object?>(typeof(string)), new JobSettings { IgnoreResult = true });

        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
        Assert.Null(outcome.Result);
    }

    [Fact]
    public async Task RunAsync_WhenNameIsUnknown_IsUnhandledAndNeverStarts()
    {
        var outcome = await _rig.RunAsync(ExecutionRig.Claimed("test.nobody", "{}"));

        Assert.Equal(OutcomeKind.Unhandled, outcome.Kind);
        Assert.Null(outcome.StartedAt);
    }

    [Fact]
    public async Task RunAsync_WhenNameIsAnAlias_RunsItsHandler() =>
        Assert.Equal(OutcomeKind.Succeeded, (await _rig.RunAsync(ExecutionRig.Claimed("test.scripted_before", "{}"))).Kind);

    [Fact]
    public async Task RunAsync_WhenHandlerThrows_FailsWithItsError()
    {
        var outcome = await _rig.RunAsync(
            async (_, _) =>
            {
                await Task.Yield();
                throw new InvalidOperationException("no stock", new TimeoutException("warehouse"));
            },
            settings: null);

        Assert.Equal(OutcomeKind.Failed, outcome.Kind);
        Assert.Equal((1, "System.InvalidOperationException", "no stock", true), (outcome.Error!.Attempt, outcome.Error.Type, outcome.Error.Message, outcome.Error.IsRetryable));
        Assert.Contains(nameof(JobRunnerOutcomeTests), outcome.Error.Stack, StringComparison.Ordinal);
        Assert.Contains(" ---> System.TimeoutException: warehouse", outcome.Error.Stack, StringComparison.Ordinal);
        Assert.Equal(ExecutionRig.Start, outcome.Error.At);
    }

    [Fact]
    public async Task RunAsync_WhenJobFailedBefore_CountsItsAttempt()
    {
        _rig.Script.Body = (context, _) => throw new InvalidOperationException($"attempt {context.Attempt}");

        var outcome = await _rig.RunAsync(ExecutionRig.Claimed(ExecutionRig.Claimed("test.scripted", "{}").Record with { FailedAttempts = 2 }));

        Assert.Equal((3, "attempt 3"), (outcome.Error!.Attempt, outcome.Error.Message));
    }

    [Theory]
    [InlineData("System.TimeoutException", "", true)]
    [InlineData("System.IO.IOException", "", false)]
    [InlineData("", "System.TimeoutException", false)]
    public async Task RunAsync_WhenPolicyFiltersExceptions_MarksTheError(string retryOn, string dontRetryOn, bool isRetryable)
    {
        var policy = new RetryPolicy { RetryOn = Names(retryOn), DontRetryOn = Names(dontRetryOn) };

        var outcome = await _rig.RunAsync((_, _) => throw new TimeoutException(), new JobSettings { Retry = policy });

        Assert.Equal(isRetryable, outcome.Error!.IsRetryable);
    }

    [Fact]
    public async Task RunAsync_WhenExceptionIsWrapped_RecordsWhatWasWrapped()
    {
        var outcome = await _rig.RunAsync((_, _) => throw new AggregateException(new TargetInvocationException(new TimeoutException("inner"))));

        Assert.Equal(("System.TimeoutException", "inner"), (outcome.Error!.Type, outcome.Error.Message));
    }

    [Fact]
    public async Task RunAsync_WhenAggregateHoldsTwo_RecordsTheAggregateWithBoth()
    {
        var outcome = await _rig.RunAsync((_, _) => throw new AggregateException(new TimeoutException("first"), new IOException("second")));

        Assert.Equal("System.AggregateException", outcome.Error!.Type);
        Assert.Contains(" ---> System.TimeoutException: first", outcome.Error.Stack, StringComparison.Ordinal);
        Assert.Contains(" ---> System.IO.IOException: second", outcome.Error.Stack, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_WhenHandlerReturnsNoTask_SaysSo()
    {
        var outcome = await _rig.RunAsync((_, _) => null!);

        Assert.Equal(OutcomeKind.Failed, outcome.Kind);
        Assert.Equal("The handler Krewe.Grains.Tests.Execution.ScriptedHandler must return a task, got null; return Task.CompletedTask, or make HandleAsync async.", outcome.Error!.Message);
    }

    [Fact]
    public async Task RunAsync_WhenTokenHasNotFired_TreatsCancellationAsAnOrdinaryFailure()
    {
        var outcome = await _rig.RunAsync((_, _) => throw new TaskCanceledException("The request timed out."));

        Assert.Equal((OutcomeKind.Failed, "System.Threading.Tasks.TaskCanceledException", true), (outcome.Kind, outcome.Error!.Type, outcome.Error.IsRetryable));
    }

    [Fact]
    public async Task RunAsync_WhenHandlerAsksForRetry_TellsDelayAndCause()
    {
        var policy = new RetryPolicy { DontRetryOn = ["System.TimeoutException"] };

        var outcome = await _rig.RunAsync((context, _) => throw context.Retry(TimeSpan.FromSeconds(7), new TimeoutException("busy")), new JobSettings { Retry = policy });

        Assert.Equal((OutcomeKind.Retry, TimeSpan.FromSeconds(7)), (outcome.Kind, outcome.Delay));
        Assert.Equal(("System.TimeoutException", "busy", true), (outcome.Error!.Type, outcome.Error.Message, outcome.Error.IsRetryable));
    }

    [Fact]
    public async Task RunAsync_WhenHandlerAsksForRetryWithoutMore_LeavesTheDelayToThePolicy()
    {
        var outcome = await _rig.RunAsync((context, _) => throw context.Retry());

        Assert.Equal((OutcomeKind.Retry, null, "Krewe.RetryJobException"), (outcome.Kind, outcome.Delay, outcome.Error!.Type));
    }

    [Fact]
    public async Task RunAsync_WhenHandlerSnoozes_TellsTheDelayAndNoError()
    {
        var outcome = await _rig.RunAsync((context, _) => throw context.Snooze(TimeSpan.FromMinutes(5)));

        Assert.Equal((OutcomeKind.Snoozed, TimeSpan.FromMinutes(5), null), (outcome.Kind, outcome.Delay, outcome.Error));
    }

    [Fact]
    public async Task RunAsync_WhenHandlerFails_IsNotRetryableAndKeepsTheCausesType()
    {
        var outcome = await _rig.RunAsync((context, _) => throw context.Fail("card refused", new IOException("402")));

        Assert.Equal(OutcomeKind.Failed, outcome.Kind);
        Assert.Equal(("System.IO.IOException", "card refused", false), (outcome.Error!.Type, outcome.Error.Message, outcome.Error.IsRetryable));
    }

    [Fact]
    public async Task RunAsync_WhenHandlerCancels_TellsTheReason()
    {
        var outcome = await _rig.RunAsync((context, _) => throw context.Cancel("order withdrawn"));

        Assert.Equal((OutcomeKind.Cancelled, "order withdrawn", null), (outcome.Kind, outcome.Reason, outcome.Error));
    }

    [Fact]
    public async Task RunAsync_WhenAnOutcomeIsMadeButNotThrown_ItIsNothing()
    {
        var outcome = await _rig.RunAsync((context, _) => Task.FromResult<object?>(context.Fail("unused").Message));

        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
    }

    [Fact]
    public async Task RunAsync_WhenResultCannotBeSerialized_FailsForGood()
    {
        var outcome = await _rig.RunAsync((_, _) => Task.FromResult<object?>(new { Callback = (Action)(() => { }) }));

        Assert.Equal((OutcomeKind.Failed, "System.NotSupportedException", false), (outcome.Kind, outcome.Error!.Type, outcome.Error.IsRetryable));
        Assert.Contains("The result of 'test.scripted' must be writable as JSON", outcome.Error.Message, StringComparison.Ordinal);
        Assert.Contains("that is not at $.callback", outcome.Error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task RunAsync_WhenResultIsTooLarge_FailsForGood()
    {
        var outcome = await _rig.RunAsync((_, _) => Task.FromResult<object?>(new string('a', 1024 * 1024)));

        Assert.Equal((OutcomeKind.Failed, "Krewe.PayloadTooLargeException", false), (outcome.Kind, outcome.Error!.Type, outcome.Error.IsRetryable));
        Assert.Contains("may have 1048576 bytes, got 1048578", outcome.Error.Message, StringComparison.Ordinal);
    }

    private static string[] Names(string name) => name.Length == 0 ? [] : [name];
}
