using Krewe.Definitions;

namespace Krewe.Execution;

/// <summary>The timers of one attempt: its soft limit, its hard limit, and the grace after a cancel. Made only for attempts that need one.</summary>
internal sealed class TimeLimits(Attempt attempt, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _soft;
    private ITimer? _hard;
    private ITimer? _grace;
    private bool _isOver;

    /// <summary>Starts the limits' clocks; called when the handler starts.</summary>
    internal void Start(TimeSpan? softTimeLimit, TimeSpan? timeLimit)
    {
        Arm(ref _soft, softTimeLimit, static state => ((Attempt)state!).PassSoftTimeLimit());
        Arm(ref _hard, timeLimit, static state => ((Attempt)state!).PassTimeLimit());
    }

    /// <summary>Starts the grace of a cancelled attempt.</summary>
    internal void StartGrace(TimeSpan cancelGrace) => Arm(ref _grace, cancelGrace, static state => ((Attempt)state!).PassCancelGrace());

    /// <summary>Stops every clock; one that is passing at this moment finds the attempt ended and does nothing.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            _soft?.Dispose();
            _hard?.Dispose();
            _grace?.Dispose();
        }
    }

    private void Arm(ref ITimer? timer, TimeSpan? limit, TimerCallback pass)
    {
        lock (_gate)
        {
            if (limit is { } due && !_isOver)
            {
                // Refused above this bound when it is set; a job stored by another version must not break the timer.
                timer = time.CreateTimer(pass, attempt, due < OptionChecks.MaxTimeLimit ? due : OptionChecks.MaxTimeLimit, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
