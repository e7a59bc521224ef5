namespace Krewe.Hosting;

/// <summary>Lets every duration of the section <c>Krewe</c> be written as <c>30s</c>, which the configuration binder alone does not read.</summary>
internal static class DurationSettings
{
    // The binder would read "30" as thirty days; here it is refused.
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        nameof(KreweOptions.Drain), nameof(KreweOptions.WaitForStore), nameof(KreweOptions.CancelGrace), nameof(KreweOptions.FailureTtl),
        nameof(JobOptions.SoftTimeLimit), nameof(JobOptions.TimeLimit), nameof(JobOptions.ResultTtl), nameof(JobOptions.RetryDelay), nameof(JobOptions.MaxRetryDelay),
    };

    private static readonly HashSet<string> OfSchedules = new(StringComparer.OrdinalIgnoreCase)
    {
        nameof(ScheduleSettings.Every), nameof(ScheduleSettings.Jitter), nameof(ScheduleSettings.MisfireThreshold), nameof(ScheduleSettings.Delay), nameof(ScheduleSettings.ExpiresIn),
    };

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

    /// <summary>Args and headers of a schedule are its job's, and its jitter is a duration; a job's says whether delays are spread.</summary>
    private static bool IsDuration(string key)
    {
        const int depth = 4; // Krewe:Schedules:<id>:<setting>
        var parts = key.Split(':');
        return parts.Length < depth || !parts[1].Equals(nameof(KreweOptions.Schedules), StringComparison.OrdinalIgnoreCase) ? Names.Contains(parts[^1])
            : parts.Length == depth ? OfSchedules.Contains(parts[^1])
            : parts[depth - 1].Equals(nameof(ScheduleSettings.Options), StringComparison.OrdinalIgnoreCase) && Names.Contains(parts[^1]);
    }
}
