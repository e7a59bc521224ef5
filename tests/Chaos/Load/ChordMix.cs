using System.Globalization;
using Krewe.Chaos.Jobs;

namespace Krewe.Chaos.Load;

/// <summary>The chords that a seed stands for, each with an id of its own, so that an enqueue whose answer was lost can be repeated. Pure.</summary>
/// <param name="Seed">Any number.</param>
/// <param name="Members">Jobs of each header.</param>
internal sealed record ChordMix(int Seed, int Members)
{
    private const int MinMember = 50;
    private const int MaxMember = 200;
    private const int MinBody = 500;
    private const int MaxBody = 2_000;

    internal string IdOf(int number) => string.Create(CultureInfo.InvariantCulture, $"chord-{Seed}-{number}");

    /// <summary>The results of a chord's members, which no other chord's have.</summary>
    internal IReadOnlyList<int> ExpectedOf(int number) => [.. Enumerable.Range(number * Members, Members)];

    internal Chord<int[]> Make(int number)
    {
        var random = new Random(unchecked((Seed * 1_000_003) + number));
        var header = ExpectedOf(number).Select(value => new Member(value, random.Next(MinMember, MaxMember + 1))).ToList();
        return Chord.Of(header).Then(new Body(random.Next(MinBody, MaxBody + 1))).OnSuccess(new Outcome(IsSuccess: true)).OnError(new Outcome(IsSuccess: false));
    }
}
