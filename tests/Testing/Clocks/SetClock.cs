namespace Krewe.Testing.Clocks;

/// <summary>The system's clock as somebody may set it while a silo runs: the instant jumps; timers and elapsed time go on, as they do on a real machine.</summary>
public sealed class SetClock : TimeProvider
{
    private long _offTicks;

    /// <summary>Sets the clock forward, or back by a negative span.</summary>
    public void Set(TimeSpan by) => Interlocked.Add(ref _offTicks, by.Ticks);

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _offTicks));
}
