using System.Diagnostics;
using Krewe.Definitions;
using Krewe.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Krewe.Execution;

/// <summary>Runs attempts: the steps from a claimed job to its outcome. One per silo, thread-safe.</summary>
/// <remarks>
/// Everything a handler may block or break (its constructor, its scope, its first synchronous part) happens on the thread pool and never on the caller's
/// thread. A handler is never killed: past its hard limit or its cancel grace the outcome is told without it, and it counts as a zombie until it ends.
/// In a drain and after a lost claim it is waited for, because its job may be handed on only when it has ended.
/// </remarks>
internal sealed class JobRunner(HandlerRegistry registry, AttemptServices services, Zombies zombies, IOptions<KreweOptions> options, ILogger<JobRunner> logger)
{
    private readonly KreweOptions _options = options.Value;

    internal Zombies Zombies => zombies;

    internal TimeProvider Time => services.Time;

    internal TimeSpan CancelGrace => _options.CancelGrace;

    /// <summary>Abandoned handlers of this silo.</summary>
    internal int ZombieCount => zombies.Count;

    /// <summary>Runs one attempt. Returns at once; may be called from a grain.</summary>
    /// <param name="job">The claimed job.</param>
    /// <param name="control">The attempt's levers, used for this attempt alone.</param>
    /// <returns>The outcome. Never faults; completes without the handler when that is abandoned.</returns>
    internal Task<AttemptOutcome> RunAsync(ClaimedJob job, AttemptControl control)
    {
        var attempt = new Attempt(this, job, control);
        control.Attach(attempt);

        // Unsafe: the attempt begins with an empty execution context. What the caller carries (a grain's request context, its call chain, its span) is not the handler's.
        ThreadPool.UnsafeQueueUserWorkItem(attempt, preferLocal: false);
        return attempt.Outcome;
    }

    /// <summary>The whole attempt, on the pool; never throws.</summary>
    internal async Task RunStepsAsync(Attempt attempt)
    {
        AttemptOutcome outcome;
        try
        {
            outcome = Prepare(attempt) ?? await RunHandlerAsync(attempt);
        }
        catch (Exception exception)
        {
            // Broad: whatever broke, the owner must hear of it, or the job would stay claimed for as long as this silo lives. Services that are disposed
            // mean that the silo is going down, which is not the job's failure.
            logger.AttemptBroke(exception, attempt.Job.Record.Name, attempt.JobId);
            outcome = exception is ObjectDisposedException ? AttemptEnding.NotStarted(attempt, Now()) : AttemptEnding.Threw(attempt, exception, Now());
        }

        attempt.End(outcome);
    }

    /// <summary>The hard limit passed: the outcome is told at once, without the handler.</summary>
    internal void GiveUpAtTimeLimit(Attempt attempt) => Abandon(attempt, AttemptEnding.PassedTimeLimit(attempt, Now()));

    /// <summary>The handler did not end within the grace of a cancel.</summary>
    internal void GiveUpAfterCancel(Attempt attempt) => Abandon(attempt, AttemptEnding.PassedCancelGrace(attempt, CancelGrace, Now()));

    private void Abandon(Attempt attempt, AttemptOutcome outcome)
    {
        if (attempt.TryAbandon(outcome) && attempt is { Control.IsHandlerRunning: true, AbandonedAs: { } told })
        {
            logger.HandlerAbandoned(attempt.Job.Record.Name, attempt.JobId, told.Kind, zombies.Count);
        }
    }

    /// <summary>All that comes before the handler; an outcome where it is not to start.</summary>
    private AttemptOutcome? Prepare(Attempt attempt)
    {
        if (!registry.TryFind(attempt.Job.Record.Name, out var invoker))
        {
            return AttemptEnding.Unhandled(attempt, Now());
        }

        attempt.Invoker = invoker;
        MergeSettings(attempt, invoker.Definition);
        if (attempt.Control.Reason != CancellationReason.None)
        {
            return AttemptEnding.NotStarted(attempt, Now());
        }

        attempt.Step = AttemptStep.Handling;
        return attempt.TryStart(Now()) ? null : AttemptEnding.NotStarted(attempt, Now());
    }

    private void MergeSettings(Attempt attempt, JobDefinition definition)
    {
        var record = attempt.Job.Record;
        if (!record.IsMerged)
        {
            var merged = SettingsMerge.Complete(record.Settings, definition, attempt.Job.Partition.Queue, _options) ?? JobSettings.Unset;
            (attempt.Settings, attempt.MergedSettings) = (merged, merged);
        }
    }

    private async Task<AttemptOutcome> RunHandlerAsync(Attempt attempt)
    {
        var span = AttemptTracing.Start(attempt);
        using var logScope = logger.IsEnabled(LogLevel.Critical) ? logger.BeginScope(new AttemptLogScope(attempt)) : null;
        var scope = services.Scopes.CreateAsyncScope();
        object? handler = null;
        AttemptOutcome outcome;
        try
        {
            attempt.Input = attempt.Job.Record.HasInput ? await ReadInputAsync(attempt) : null;
            handler = Create(attempt, scope.ServiceProvider, out var job);
            outcome = AttemptEnding.Returned(attempt, await HandleAsync(attempt, handler, job, scope.ServiceProvider), Now());
        }
        catch (ReplaceJobException asked) when (attempt.Step == AttemptStep.Handling)
        {
            outcome = await ReplaceAsync(attempt, asked.Replacement);
        }
        catch (Exception exception)
        {
            // Broad: whatever a handler throws is this attempt's outcome and nobody else's trouble.
            outcome = AttemptEnding.Threw(attempt, exception, Now());
        }

        attempt.Decide(outcome);
        await DisposeAsync(attempt, handler, scope);
        Tell(attempt, span, attempt.AbandonedAs ?? outcome);
        return outcome;
    }

    private async Task<byte[]?> ReadInputAsync(Attempt attempt)
    {
        try
        {
            return await services.Flows.ReadInputAsync(attempt);
        }
        catch (ResultGoneException exception)
        {
            throw new FailJobException(exception.Message, exception); // It will not come back.
        }
    }

    private async Task<AttemptOutcome> ReplaceAsync(Attempt attempt, IFlowStep replacement)
    {
        try
        {
            await AddAsync(attempt);
            return AttemptEnding.Replaced(attempt, await services.Flows.ReplaceAsync(attempt, replacement), Now());
        }
        catch (Exception exception)
        {
            return AttemptEnding.Threw(attempt, exception, Now()); // Broad: as what the handler throws itself.
        }
    }

    private static object Create(Attempt attempt, IServiceProvider scoped, out IJob job)
    {
        attempt.Step = AttemptStep.ReadingArgs;
        job = attempt.Invoker!.ReadArgs(attempt.Job.Record.Name, attempt.Job.Record.Args);
        attempt.Step = AttemptStep.Handling;
        return attempt.Invoker.CreateHandler(scoped);
    }

    private async ValueTask<byte[]?> HandleAsync(Attempt attempt, object handler, IJob job, IServiceProvider scoped)
    {
        var context = new RunningJobContext(attempt, scoped, services);
        var handled = attempt.Invoker!.Handle(handler, job, context, attempt.Control.Token)
            ?? throw new InvalidOperationException($"The handler {TypeNames.Of(handler.GetType())} must return a task, got null; return Task.CompletedTask, or make HandleAsync async.");
        await handled;
        await AddAsync(attempt);

        if (attempt.Settings.EffectiveIgnoreResult || attempt.AbandonedAs is not null)
        {
            return null;
        }

        attempt.Step = AttemptStep.WritingResult;
        return attempt.Invoker.WriteResult(attempt.Job.Record.Name, handled);
    }

    /// <summary>Waits for what the handler added to its group and did not wait for.</summary>
    private static async Task AddAsync(Attempt attempt)
    {
        while (attempt.Additions.TryDequeue(out var addition))
        {
            await addition;
        }
    }

    // The factory's handlers are not known to the scope, so a disposable one is disposed here, before what it depends on.
    private async ValueTask DisposeAsync(Attempt attempt, object? handler, AsyncServiceScope scope)
    {
        try
        {
            if (handler is IAsyncDisposable asyncDisposable)
            {
                await asyncDisposable.DisposeAsync();
            }
            else
            {
                (handler as IDisposable)?.Dispose();
            }
        }
        catch (Exception exception)
        {
            logger.DisposalFailed(exception, attempt.Job.Record.Name, attempt.JobId);
        }

        try
        {
            await scope.DisposeAsync();
        }
        catch (Exception exception)
        {
            logger.DisposalFailed(exception, attempt.Job.Record.Name, attempt.JobId);
        }
    }

    private void Tell(Attempt attempt, Activity? span, AttemptOutcome outcome)
    {
        logger.AttemptEnded(attempt.Job.Attempt, attempt.Job.Record.Name, attempt.JobId, outcome.Kind);
        AttemptTracing.End(span, outcome);
    }

    private DateTimeOffset Now() => services.Time.GetUtcNow();
}
