using Krewe.Retries;

namespace Krewe.Execution;

/// <summary>What the end of an attempt means: an exception, a clock, or a normal return, as the record that travels to the owner.</summary>
internal static class AttemptEnding
{
    private const int MaxUnwrapped = 16;

    internal static AttemptOutcome Returned(Attempt attempt, byte[]? result, DateTimeOffset now) => New(attempt, OutcomeKind.Succeeded, now) with { Result = result };

    internal static AttemptOutcome Replaced(Attempt attempt, string flowId, DateTimeOffset now) => New(attempt, OutcomeKind.Replaced, now) with { FlowId = flowId };

    /// <summary>The handler never started, because of a cancel, a drain or a lost claim.</summary>
    internal static AttemptOutcome NotStarted(Attempt attempt, DateTimeOffset now) =>
        New(attempt, attempt.Control.Reason == CancellationReason.Cancelled ? OutcomeKind.Cancelled : OutcomeKind.Released, now);

    internal static AttemptOutcome Unhandled(Attempt attempt, DateTimeOffset now) => New(attempt, OutcomeKind.Unhandled, now);

    internal static AttemptOutcome PassedTimeLimit(Attempt attempt, DateTimeOffset now)
    {
        var thrown = new JobTimeLimitException(attempt.Job.Record.Name, attempt.Settings.TimeLimit.GetValueOrDefault(), isHard: true);
        var error = new JobError(attempt.Job.Attempt, ErrorText.TypeOf(thrown), thrown.Message, null, now, attempt.Settings.EffectiveRetryOnHardLimit);
        return New(attempt, OutcomeKind.TimedOut, now) with { Error = error };
    }

    internal static AttemptOutcome PassedCancelGrace(Attempt attempt, TimeSpan cancelGrace, DateTimeOffset now) =>
        New(attempt, OutcomeKind.Cancelled, now) with { Reason = FormattableString.Invariant($"Its handler did not end within {cancelGrace.TotalSeconds:0.###}s of the cancel and was abandoned.") };

    /// <summary>What an exception means that came out of one of the attempt's steps.</summary>
    internal static AttemptOutcome Threw(Attempt attempt, Exception exception, DateTimeOffset now)
    {
        var thrown = Unwrap(exception);
        return attempt.Step is AttemptStep.Handling
            ? thrown switch
            {
                JobOutcomeException asked => Asked(attempt, asked, now),
                OperationCanceledException when attempt.Control.Reason != CancellationReason.None => EndedByToken(attempt, thrown, now),
                _ => Failed(attempt, thrown, RetryFilter.IsRetryable(attempt.Settings.EffectiveRetry, thrown.GetType()), now),
            }
            : Failed(attempt, thrown, isRetryable: false, now);
    }

    private static AttemptOutcome Asked(Attempt attempt, JobOutcomeException asked, DateTimeOffset now) => asked switch
    {
        RetryJobException retry => New(attempt, OutcomeKind.Retry, now) with { Delay = retry.Delay, Error = Error(attempt, asked, isRetryable: true, now) },
        SnoozeJobException snooze => New(attempt, OutcomeKind.Snoozed, now) with { Delay = snooze.Delay },
        CancelJobException cancel => New(attempt, OutcomeKind.Cancelled, now) with { Reason = ErrorText.MessageOf(cancel) },
        _ => New(attempt, OutcomeKind.Failed, now) with { Error = Error(attempt, asked, isRetryable: false, now) },
    };

    // A cancel counts even when a soft limit or a drain had fired the token before it: the handler has ended, and nobody wants the job run again.
    private static AttemptOutcome EndedByToken(Attempt attempt, Exception thrown, DateTimeOffset now)
    {
        var reason = attempt.Control.Reason;
        if (reason == CancellationReason.ClaimLost)
        {
            return New(attempt, OutcomeKind.Released, now);
        }

        if (attempt.Control.IsCancelRequested)
        {
            return New(attempt, OutcomeKind.Cancelled, now);
        }

        return reason == CancellationReason.SoftTimeLimit ? PassedSoftTimeLimit(attempt, thrown, now) : New(attempt, OutcomeKind.Released, now);
    }

    private static AttemptOutcome PassedSoftTimeLimit(Attempt attempt, Exception thrown, DateTimeOffset now)
    {
        var limit = new JobTimeLimitException(attempt.Job.Record.Name, attempt.Settings.SoftTimeLimit.GetValueOrDefault(), isHard: false, thrown);
        return Failed(attempt, limit, RetryFilter.IsRetryable(attempt.Settings.EffectiveRetry, typeof(JobTimeLimitException)), now);
    }

    private static AttemptOutcome Failed(Attempt attempt, Exception thrown, bool isRetryable, DateTimeOffset now) =>
        New(attempt, OutcomeKind.Failed, now) with { Error = Error(attempt, thrown, isRetryable, now) };

    // An outcome that names a cause is recorded as that cause, under the handler's own words.
    private static JobError Error(Attempt attempt, Exception thrown, bool isRetryable, DateTimeOffset now)
    {
        var cause = thrown is JobOutcomeException { InnerException: { } inner } ? Unwrap(inner) : thrown;
        return new JobError(attempt.Job.Attempt, ErrorText.TypeOf(cause), ErrorText.MessageOf(thrown), ErrorText.StackOf(cause), now, isRetryable);
    }

    private static Exception Unwrap(Exception exception)
    {
        for (var depth = 0; depth < MaxUnwrapped; depth++)
        {
            var inner = exception switch
            {
                System.Reflection.TargetInvocationException { InnerException: { } invoked } => invoked,
                AggregateException { InnerExceptions: [var only] } => only,
                _ => null,
            };
            if (inner is null)
            {
                break;
            }

            exception = inner;
        }

        return exception;
    }

    private static AttemptOutcome New(Attempt attempt, OutcomeKind kind, DateTimeOffset now) => new()
    {
        Id = attempt.Job.Record.Id,
        Token = attempt.Job.Token,
        Kind = kind,
        Progress = attempt.Control.Progress,
        ChildIds = attempt.Control.ChildIds,
        StartedAt = attempt.StartedAt,
        EndedAt = now,
        MergedSettings = attempt.MergedSettings,
    };
}
