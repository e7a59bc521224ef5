namespace Krewe.Hosting;

/// <summary>Lets every duration of the section <c>Krewe</c> be written as <c>30s</c>, which the configuration binder alone does not read.</summary>
internal static class DurationSettings
{
    // The binder would read "30" as thirty days; here it is refused.
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        nameof(KreweOptions.Drain), nameof(KreweOptions.WaitForStore), nameof(KreweOptions.CancelGrace), nameof(KreweOptions.FailureTtl),
        nameof(JobOptions.SoftTimeLimit), nameof(JobOptions.TimeLimit), nameof(JobOptions.ResultTtl), nameof(JobOptions.RetryDelay), nameof(JobOptions.MaxRetryDelay),
        nameof(ScheduleSettings.Every), nameof(ScheduleSettings.MisfireThreshold),
    };

    /// <summary>A schedule's jitter is a duration; a job's says whether delays are spread.</summary>
    private static readonly string Schedules = $"{KreweOptions.Section}:{nameof(KreweOptions.Schedules)}:";

    /// <summary>The durations of the section in the form that the binder reads, to be laid over the configuration.</summary>
    /// <exception cref="SiloStartException">One does not read.</exception>
    internal static Dictionary<string, string?> Normalize(IConfiguration configuration)
    {
        var settings = new Dictionary<string, string?>();
        foreach (var (key, value) in configuration.GetSection(KreweOptions.Section).AsEnumerable())
        {
            if (string.IsNullOrWhiteSpace(value) || !IsDuration(key))
            {
                continue;
            }

            settings[key] = Durations.TryParse(value, out var duration)
                ? duration.ToString("c")
                : throw new SiloStartException($"{key} must be a duration {Durations.Examples}, got '{value}'.", SiloStartException.BadUsage);
        }

        return settings;
    }

    private static bool IsDuration(string key) => key[(key.LastIndexOf(':') + 1)..] is var name
        && (Names.Contains(name) || (name.Equals(nameof(ScheduleSettings.Jitter), StringComparison.OrdinalIgnoreCase) && key.StartsWith(Schedules, StringComparison.OrdinalIgnoreCase) && key.Count(static letter => letter == ':') == Schedules.Count(static letter => letter == ':')));
}
