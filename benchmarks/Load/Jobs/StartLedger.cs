namespace Krewe.Load.Jobs;

/// <summary>What the handlers of one silo tell the driver: that the first started, how long each had waited, how many stand at the gate. Thread-safe.</summary>
internal sealed class StartLedger(TimeProvider time)
{
    private readonly TaskCompletionSource _firstStart = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _gate = Opened();
    private Goal? _gateGoal;
    private int _atGate;
    private double[] _waits = [];
    private int _starts;
    private int _bodies;

    /// <summary>Ends when the first handler of this silo starts, of whatever job.</summary>
    internal Task FirstStart => _firstStart.Task;

    /// <summary>Waits in milliseconds, in order of start; of the jobs since <see cref="Sample"/>.</summary>
    internal IReadOnlyList<double> WaitsMs => _waits;

    /// <summary>Bodies of chords that started.</summary>
    internal int Bodies => Volatile.Read(ref _bodies);

    /// <summary>Keeps the waits of the next jobs.</summary>
    internal void Sample(int jobs)
    {
        _waits = new double[jobs];
        Volatile.Write(ref _starts, 0);
    }

    /// <summary>A measured handler started.</summary>
    internal void Started(long countedFrom)
    {
        _firstStart.TrySetResult();
        if (_waits.Length > 0 && Interlocked.Increment(ref _starts) is var start && start <= _waits.Length)
        {
            _waits[start - 1] = time.GetElapsedTime(countedFrom).TotalMilliseconds;
        }
    }

    /// <summary>The body of a chord started.</summary>
    internal void BodyStarted() => Interlocked.Increment(ref _bodies);

    /// <summary>Shuts the gate. The answer ends when so many handlers stand at it.</summary>
    internal Task ShutGate(int handlers)
    {
        _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _gateGoal = new Goal(Volatile.Read(ref _atGate) + handlers);
        return _gateGoal.Reached;
    }

    /// <summary>Lets all go on that stand at the gate.</summary>
    internal void OpenGate() => _gate.TrySetResult();

    internal Task WaitAtGateAsync(CancellationToken cancellationToken)
    {
        _firstStart.TrySetResult();
        _gateGoal?.Tell(Interlocked.Increment(ref _atGate));
        return _gate.Task.WaitAsync(cancellationToken);
    }

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource();
        opened.SetResult();
        return opened;
    }
}
