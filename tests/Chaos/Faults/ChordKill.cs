namespace Krewe.Chaos.Faults;

/// <summary>A kill amid chords.</summary>
/// <param name="Progress">The share of the chords that have ended by then, 0..1.</param>
/// <param name="Place">The silo's place.</param>
/// <param name="IsAimed">Whether it waits until the silo runs a body that no kill has met.</param>
internal sealed record ChordKill(double Progress, int Place, bool IsAimed)
{
    private const double First = 0.05;
    private const double Last = 0.9;

    /// <summary>Kills in the order of the progress: every silo once, in some order, before one is struck again, since each has a share of the flows; every second one is aimed. Pure.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="count">How many.</param>
    /// <param name="silos">Places to choose from.</param>
    internal static IReadOnlyList<ChordKill> Plan(int seed, int count, int silos)
    {
        var random = new Random(seed);
        var places = new List<int>();
        while (places.Count < count)
        {
            var round = Enumerable.Range(0, silos).ToArray();
            random.Shuffle(round);
            places.AddRange(round);
        }

        return [.. Enumerable.Range(0, count).Select(kill => new ChordKill(First + ((Last - First) * (kill + random.NextDouble()) / count), places[kill], kill % 2 == 1))];
    }
}
