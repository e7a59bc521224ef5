namespace Krewe.Storage.Redis;

/// <summary>Instants as sorted sets keep them: whole microseconds since 1970, exact in a double until the year 2255.</summary>
internal static class RedisTime
{
    private static readonly double LastMicrosecond = LastMicrosecondAt(DateTimeOffset.MaxValue);

    /// <summary>The first whole microsecond that is not before an instant; so nothing is due early.</summary>
    internal static long FirstMicrosecondAt(DateTimeOffset instant)
    {
        var (microseconds, rest) = Math.DivRem((instant - DateTimeOffset.UnixEpoch).Ticks, TimeSpan.TicksPerMicrosecond);
        return rest > 0 ? microseconds + 1 : microseconds;
    }

    /// <summary>The last whole microsecond that is not after an instant.</summary>
    internal static long LastMicrosecondAt(DateTimeOffset instant) => (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The instant of a score; the last instant there is for one that was rounded up beyond it.</summary>
    internal static DateTimeOffset FromMicroseconds(double microseconds) =>
        microseconds < LastMicrosecond ? DateTimeOffset.UnixEpoch.AddTicks((long)microseconds * TimeSpan.TicksPerMicrosecond) : DateTimeOffset.MaxValue;

    /// <summary>A time to live as Redis takes it: at least 1 ms.</summary>
    internal static long Milliseconds(TimeSpan span) => Math.Max(1, (long)Math.Ceiling(span.TotalMilliseconds));
}
