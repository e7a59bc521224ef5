namespace Krewe.Dispatch;

/// <summary>A grain timer that rings once for each time it is set, between the grain's other turns.</summary>
/// <param name="grain">The grain.</param>
/// <param name="callback">Never fails.</param>
/// <param name="isInterleaved">Whether it may ring while another call waits.</param>
internal sealed class GrainWakeTimer(IGrainBase grain, Func<Task> callback, bool isInterleaved = true) : IWakeTimer
{
    private readonly IGrainTimer _timer = grain.RegisterGrainTimer(
        static (state, _) => state(), callback, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = isInterleaved, KeepAlive = true });

    public void Set(TimeSpan after) => _timer.Change(after, Timeout.InfiniteTimeSpan);

    public void Dispose() => _timer.Dispose();
}
