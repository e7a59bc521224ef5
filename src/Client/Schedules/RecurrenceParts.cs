namespace Krewe.Schedules;

/// <summary>A recurrence as somebody wrote it, over HTTP or in configuration: exactly one of the kinds is there.</summary>
internal readonly record struct RecurrenceParts(string? Cron, string? TimeZone, TimeSpan? Every, bool? Aligned, DateTimeOffset? At, SolarRecurrence? Solar)
{
    /// <summary>What it means.</summary>
    /// <exception cref="InvalidJobException">There is not exactly one kind, or something stands beside another kind than its own.</exception>
    internal Recurrence Read()
    {
        (string Name, bool IsThere)[] kinds = [("cron", Cron is not null), ("every", Every is not null), ("at", At is not null), ("solar", Solar is not null)];
        var given = kinds.Where(static kind => kind.IsThere).Select(static kind => kind.Name).ToList();
        if (given is not [var only])
        {
            throw new InvalidJobException($"A schedule must have one of cron, every, at and solar, got {(given.Count == 0 ? "none" : string.Join(" and ", given))}.");
        }

        Require(TimeZone is not null, "timeZone", "cron", only);
        Require(Aligned is not null, "aligned", "every", only);
        return only switch
        {
            "cron" => Recurrence.Cron(Cron!, TimeZone ?? "UTC"),
            "every" => Recurrence.Every(Every!.Value, Aligned ?? false),
            "at" => Recurrence.At(At!.Value),
            _ => Solar!,
        };
    }

    private static void Require(bool isThere, string name, string beside, string kind)
    {
        if (isThere && kind != beside)
        {
            throw new InvalidJobException($"'{name}' must stand beside {beside}, got it beside {kind}; leave it out.");
        }
    }
}
