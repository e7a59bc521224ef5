using System.Collections.Concurrent;
using Krewe.Jobs;

namespace Krewe.Execution;

/// <summary>One attempt at a job: what its steps know, and the race for its outcome.</summary>
/// <remarks>
/// Waiting → Running → Ended, or Abandoned from either of the first two. Two sides may decide the outcome: the handler's own thread (<see cref="End"/>)
/// and a clock (<see cref="TryAbandon"/>); the first one wins and the other changes nothing, under one lock. An attempt that is abandoned while Running
/// is a zombie until its thread comes to <see cref="End"/>; one that is abandoned while Waiting never starts.
/// </remarks>
internal sealed class Attempt(JobRunner runner, ClaimedJob job, AttemptControl control) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();

    // Asynchronous continuations: a clock's thread, or the thread that cancels, must not run on into whoever waits for the outcome.
    private readonly TaskCompletionSource<AttemptOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeLimits? _limits;
    private AttemptOutcome? _decided;
    private AttemptOutcome? _abandonedAs;
    private DateTimeOffset? _startedAt;
    private bool _hasEnded;

    internal ClaimedJob Job => job;

    internal string JobId { get; } = job.JobId;

    internal AttemptControl Control => control;

    internal JobInvoker? Invoker { get; set; }

    /// <summary>The settings in force; the stored ones until the levels are merged.</summary>
    internal JobSettings Settings { get; set; } = job.Record.EffectiveSettings;

    /// <summary>Set when this attempt was the first to merge the levels.</summary>
    internal JobSettings? MergedSettings { get; set; }

    internal AttemptStep Step { get; set; }

    /// <summary>The input that a flow has for the job, as JSON; null: none.</summary>
    internal byte[]? Input { get; set; }

    /// <summary>What was added to the job's group, until it is durable; the attempt does not end well before.</summary>
    internal ConcurrentQueue<Task> Additions { get; } = new();

    /// <summary>When the handler started; null while it has not.</summary>
    internal DateTimeOffset? StartedAt
    {
        get
        {
            lock (_gate)
            {
                return _startedAt;
            }
        }
    }

    /// <summary>Completes once, never faults.</summary>
    internal Task<AttemptOutcome> Outcome => _outcome.Task;

    /// <summary>What was told when the attempt was abandoned; null: it was not.</summary>
    internal AttemptOutcome? AbandonedAs
    {
        get
        {
            lock (_gate)
            {
                return _abandonedAs;
            }
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = runner.RunStepsAsync(this);

    /// <summary>Claims the right to start the handler; false: the attempt was abandoned before.</summary>
    internal bool TryStart(DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_abandonedAs is not null)
            {
                return false;
            }

            _startedAt = now;
            control.IsHandlerRunning = true;
        }

        if (Settings.SoftTimeLimit is not null || Settings.TimeLimit is not null)
        {
            Limits().Start(Settings.SoftTimeLimit, Settings.TimeLimit);
        }

        return true;
    }

    /// <summary>The handler has ended like this; what is left is tidying up, and a clock that passes meanwhile no longer changes it.</summary>
    internal void Decide(AttemptOutcome outcome)
    {
        lock (_gate)
        {
            _decided = outcome;
        }
    }

    /// <summary>The attempt's thread is through; tells the outcome unless a clock was first.</summary>
    internal void End(AttemptOutcome outcome)
    {
        bool isAbandoned;
        lock (_gate)
        {
            _hasEnded = true;
            isAbandoned = _abandonedAs is not null;
            control.IsHandlerRunning = false;
        }

        if (isAbandoned)
        {
            runner.Zombies.Remove(this);
            return;
        }

        _limits?.Dispose();
        control.Close(isAbandoned: false);
        _outcome.SetResult(outcome);
    }

    /// <summary>A clock gives the handler up; false: it has ended, or was given up before.</summary>
    internal bool TryAbandon(AttemptOutcome outcome)
    {
        lock (_gate)
        {
            if (_hasEnded || _abandonedAs is not null)
            {
                return false;
            }

            _abandonedAs = _decided ?? outcome;
            if (control.IsHandlerRunning)
            {
                runner.Zombies.Add(this);
            }
        }

        _limits?.Dispose();
        control.Close(isAbandoned: true);
        _outcome.SetResult(_abandonedAs);
        return true;
    }

    internal void BeginCancelGrace() => Limits().StartGrace(runner.CancelGrace);

    internal void PassSoftTimeLimit() => control.Cancel(CancellationReason.SoftTimeLimit);

    internal void PassTimeLimit() => runner.GiveUpAtTimeLimit(this);

    internal void PassCancelGrace() => runner.GiveUpAfterCancel(this);

    private TimeLimits Limits()
    {
        TimeLimits limits;
        bool isOver;
        lock (_gate)
        {
            limits = _limits ??= new TimeLimits(this, runner.Time);
            isOver = _hasEnded || _abandonedAs is not null;
        }

        if (isOver)
        {
            limits.Dispose();
        }

        return limits;
    }
}

/// <summary>How far an attempt is; decides what an exception means.</summary>
internal enum AttemptStep
{
    /// <summary>Looking up the handler and its settings.</summary>
    Preparing = 0,

    /// <summary>Reading the args; what fails here fails every time.</summary>
    ReadingArgs = 1,

    /// <summary>In the handler, its constructor included.</summary>
    Handling = 2,

    /// <summary>Writing the result; running the handler again would not mend it.</summary>
    WritingResult = 3,
}
