namespace Krewe.Chaos;

/// <summary>What the fault <c>flows</c> does.</summary>
internal sealed record ChordSettings
{
    /// <summary>Chords, 1..10,000.</summary>
    public int Chords { get; init; } = 100;

    /// <summary>Members of each, 1..10,000.</summary>
    public int Members { get; init; } = 100;

    /// <summary>Silos that are killed meanwhile, one after the other.</summary>
    public int Kills { get; init; } = 6;

    /// <summary>Slots that each silo has for chords' jobs: few, so that the chords outlast the kills.</summary>
    public int Slots { get; init; } = 8;

    /// <summary>Chords that are open at a time; the next one is enqueued when one ends, so that kills meet enqueues, too.</summary>
    public int Open => Math.Max(1, Chords / 4);
}
