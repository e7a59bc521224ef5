namespace Krewe.Diagnostics;

/// <summary>Counts events over the last minute, in 60 buckets of a second. Not thread-safe.</summary>
internal sealed class RateMeter
{
    private const int Buckets = 60;

    private readonly long[] _counts = new long[Buckets];
    private readonly long[] _seconds = new long[Buckets];

    public void Mark(DateTimeOffset at)
    {
        var second = at.ToUnixTimeSeconds();
        var bucket = (int)(second % Buckets);
        if (_seconds[bucket] != second)
        {
            (_seconds[bucket], _counts[bucket]) = (second, 0);
        }

        _counts[bucket]++;
    }

    /// <summary>The mean over the last 60 seconds.</summary>
    public double PerSecond(DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        var sum = 0L;
        for (var i = 0; i < Buckets; i++)
        {
            sum += second - _seconds[i] is >= 0 and < Buckets ? _counts[i] : 0;
        }

        return sum / (double)Buckets;
    }
}
