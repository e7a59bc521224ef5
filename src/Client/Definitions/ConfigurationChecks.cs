namespace Krewe.Definitions;

/// <summary>Every bound of <see cref="KreweOptions"/>, reported all at once when a process starts. Pure.</summary>
internal static class ConfigurationChecks
{
    private const int MaxSlots = 10_000;

    private static readonly TimeSpan OneHour = TimeSpan.FromHours(1);

    /// <summary>What is wrong with a process's options; empty: nothing.</summary>
    internal static IReadOnlyList<string> Of(KreweOptions options)
    {
        var violations = new Violations($"{KreweOptions.Section}:");
        violations.AddRange(Inherited("Krewe:Defaults:", options.Defaults));
        foreach (var (queue, settings) in options.Queues)
        {
            Queue(violations, queue, settings);
        }

        foreach (var (name, level) in options.Jobs)
        {
            violations.AddRange(OptionChecks.OfName(violations.Prefix, "Jobs", name));
            violations.AddRange(OptionChecks.OfLevel($"Krewe:Jobs:{name}:", level));
        }

        for (var index = 0; index < options.Routes.Count; index++)
        {
            Route(violations, index, options.Routes[index]);
        }

        Slots(violations, options);
        Bounds(violations, options);
        return violations.Sentences;
    }

    private static void Queue(Violations violations, string queue, QueueOptions settings)
    {
        var section = $"Queues:{queue}";
        violations.AddRange(OptionChecks.OfName(violations.Prefix, "Queues", queue));
        violations.Range($"{section}:Partitions", settings.Partitions, 1, 64, "a queue's partitions are fixed at its first use.");
        violations.Range($"{section}:Weight", settings.Weight, 1, 1000, "leave it out for 5 (critical 10, low 1).");
        violations.Range($"{section}:MaxQueueLength", settings.MaxQueueLength, 1, long.MaxValue, "leave it out for no limit.");
        violations.AddRange(Inherited($"Krewe:{section}:Defaults:", settings.Defaults));
    }

    /// <summary>A level below <c>[Job]</c>; it chooses no queue, so one that names a queue would be ignored without a word.</summary>
    private static IReadOnlyList<string> Inherited(string prefix, JobOptions level) => level.Queue is null
        ? OptionChecks.OfLevel(prefix, level)
        : [.. OptionChecks.OfLevel(prefix, level), $"{prefix}Queue must not be set, got {Violations.Quote(level.Queue)}; name queues in Krewe:Routes, Krewe:Jobs or [Job]."];

    private static void Route(Violations violations, int index, RouteOptions route)
    {
        if (!JobIds.IsName(route.Pattern?.Replace('*', '-')))
        {
            violations.Add($"Routes:{index}:Pattern must be 1..{JobIds.MaxNameLength} characters of [A-Za-z0-9._-] and *, got {Violations.Quote(route.Pattern)}; write such as 'payments.*'.");
        }

        violations.AddRange(OptionChecks.OfName(violations.Prefix, $"Routes:{index}:Queue", route.Queue));
    }

    private static void Slots(Violations violations, KreweOptions options)
    {
        violations.Range("Partitions", options.Partitions, 1, 64, "leave it out for 1 embedded and 4 in a cluster.");
        violations.Range("Concurrency", options.Concurrency, 1, MaxSlots, "leave it out for 5 slots per core, at least 20.");
        foreach (var (queue, slots) in options.ConsumedQueues)
        {
            violations.AddRange(OptionChecks.OfName(violations.Prefix, "ConsumedQueues", queue));
            violations.Range($"ConsumedQueues:{queue}", slots, 1, MaxSlots, "leave the queue out to not consume it.");
        }
    }

    private static void Bounds(Violations violations, KreweOptions options)
    {
        violations.Range("Drain", options.Drain, OneHour, "use 0 to fire the handlers' tokens at once.");
        violations.Range("WaitForStore", options.WaitForStore, OneHour, "use 0 to fail at once where the store is away.");
        violations.Range("CancelGrace", options.CancelGrace, OneHour, "use 0 to abandon a cancelled handler at once.");
        violations.Range("MaxZombies", options.MaxZombies, 0, 10_000, "use 0 to take nothing while any handler is abandoned.");
        violations.Range("MaxDeliveries", options.MaxDeliveries, 1, 100, "use 1 to give a suspect up at its first loss alone.");
        violations.Range("MaxPayloadBytes", options.MaxPayloadBytes, 1024, 64 * 1024 * 1024, "store larger payloads elsewhere and pass their key.");
        violations.Range("MaxFinished", options.MaxFinished, 0, long.MaxValue, "use 0 to keep no finished jobs.");
        violations.Range("FailureTtl", options.FailureTtl, OptionChecks.MaxDuration, "use 0 to keep no dead letters.");
    }
}
