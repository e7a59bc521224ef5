namespace Krewe.Dispatch;

/// <summary>A grain timer that rings once for each time it is set, between the grain's other turns.</summary>
internal sealed class GrainWakeTimer(IGrainBase grain, Func<Task> callback) : IWakeTimer
{
    private readonly IGrainTimer _timer = grain.RegisterGrainTimer(
        static (state, _) => state(), callback, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });

    public void Set(TimeSpan after) => _timer.Change(after, Timeout.InfiniteTimeSpan);

    public void Dispose() => _timer.Dispose();
}
