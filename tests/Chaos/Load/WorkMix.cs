using Krewe.Chaos.Jobs;

namespace Krewe.Chaos.Load;

/// <summary>The sequence of jobs that a seed stands for: most are short, a few outlast any fault.</summary>
internal sealed class WorkMix(int seed, TimeSpan longest)
{
    /// <summary>One in so many fails once before it succeeds.</summary>
    private const int FailureInterval = 20;

    private readonly (double Share, int Milliseconds)[] _durations = [(0.60, 0), (0.30, 50), (0.09, 2_000), (0.01, (int)longest.TotalMilliseconds)];
    private readonly Random _random = new(seed);

    internal Work Next()
    {
        var draw = _random.NextDouble();
        var index = 0;
        while (index < _durations.Length - 1 && draw >= _durations[index].Share)
        {
            draw -= _durations[index++].Share;
        }

        return new Work(_durations[index].Milliseconds, _random.Next(FailureInterval) == 0 ? 1 : 0);
    }
}
