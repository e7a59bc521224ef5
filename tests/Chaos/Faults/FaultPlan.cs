namespace Krewe.Chaos.Faults;

/// <summary>One fault of a plan.</summary>
/// <param name="Fault">What happens.</param>
/// <param name="Victim">The place of the silo that is struck first.</param>
/// <param name="Pause">How long nothing happens before it.</param>
internal sealed record PlannedFault(IFault Fault, int Victim, TimeSpan Pause);

/// <summary>Which faults happen, in which order, to whom. Pure: the same seed, the same plan.</summary>
internal static class FaultPlan
{
    private static readonly TimeSpan MinPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    /// <summary>Long enough that every slot has work and every silo has measured its peers' answers.</summary>
    private static readonly TimeSpan NamedPause = TimeSpan.FromSeconds(4);

    /// <summary>Faults with how often each is drawn: the quick ones more often than those that last; 0: only when it is named.</summary>
    private static readonly (IFault Fault, int Weight)[] Weighted =
    [
        (new KillFault("kill-one", _ => 1), 8),
        (new KillFault("kill-two", _ => 2), 4),
        (new KillFault("kill-all", silos => silos), 1),
        (new StopFault(), 2),
        (new RollingFault(), 1),
        (new KillRedisFault(), 3),
        (new StopRedisFault("stop-redis", TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(30)), 2),
        (new CutOffFault(), 1),
        (new CrashFault(), 1),
        (new StopRedisFault("stop-redis-5m", TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5)), 0),
        (new FlowsFault(), 0),
    ];

    /// <summary>The names of all faults.</summary>
    internal static IReadOnlyList<string> Names { get; } = [.. Weighted.Select(fault => fault.Fault.Name)];

    /// <summary>A random mix.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="count">How many.</param>
    /// <param name="silos">Places to choose victims from.</param>
    internal static IReadOnlyList<PlannedFault> Mix(int seed, int count, int silos)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => new PlannedFault(Draw(random), random.Next(silos), MinPause + (MaxPause - MinPause) * random.NextDouble()))];
    }

    /// <summary>Named faults, in order.</summary>
    /// <exception cref="ArgumentException">There is no such fault.</exception>
    internal static IReadOnlyList<PlannedFault> Of(int seed, int silos, IEnumerable<string> names)
    {
        var random = new Random(seed);
        return [.. names.Select(name => new PlannedFault(Named(name), random.Next(silos), NamedPause))];
    }

    private static IFault Named(string name) => Weighted.Select(fault => fault.Fault).FirstOrDefault(fault => fault.Name == name)
        ?? throw new ArgumentException($"There is no fault '{name}'; there are {string.Join(", ", Names)}.", nameof(name));

    private static IFault Draw(Random random)
    {
        var draw = random.Next(Weighted.Sum(fault => fault.Weight));
        return Weighted.First(fault => (draw -= fault.Weight) < 0).Fault;
    }
}
