using System.Collections.Concurrent;
using Krewe.Definitions;
using Krewe.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Krewe.Schedules;

/// <summary>The schedules that code and configuration declare.</summary>
internal sealed class ScheduleSeeds(JobRegistrations registrations, IOptions<KreweOptions> options, ScheduleWriter writer, IGrainFactory grains, ILogger<ScheduleSweep> logger)
{
    private const int AtATime = 16;

    private readonly ConcurrentDictionary<string, byte> _said = new();
    private volatile IReadOnlyList<ScheduleSeed>? _left;

    /// <summary>Those that could not be declared yet.</summary>
    internal IReadOnlyList<string> Left => [.. _left?.Select(static seed => seed.Id) ?? []];

    /// <summary>What is wrong with them; empty: nothing.</summary>
    internal IReadOnlyList<string> Check()
    {
        var violations = new List<string>();
        var ids = registrations.Schedules.Select(static seed => seed.Id).Concat(options.Value.Schedules.Keys).ToList();
        foreach (var id in ids.Distinct())
        {
            Check(violations, id, () => ScheduleChecks.Id(id));
        }

        foreach (var seed in registrations.Schedules)
        {
            Check(violations, seed.Id, () => Timetable.Of(seed.Recurrence));
            Check(violations, seed.Id, () => writer.Check(seed.Work, seed.Options));
        }

        foreach (var (id, settings) in options.Value.Schedules)
        {
            Check(violations, id, () => Timetable.Of(ScheduleSettingsReader.RecurrenceOf(settings)));
            Check(violations, id, () => writer.Check(ScheduleSettingsReader.WorkOf(settings), ScheduleSettingsReader.OptionsOf(settings)));
        }

        violations.AddRange(ids.CountBy(static id => id).Where(static count => count.Value > 1).Select(static count => $"Schedule {Violations.Quote(count.Key)} must be declared once, got it {count.Value} times; give each its own id."));
        return violations;
    }

    /// <summary>Declares those that are not yet. What fails is tried again by the next call, each by itself, and said once: its job may be declared by a silo that starts later.</summary>
    internal async Task SowAsync(CancellationToken cancellationToken)
    {
        var left = _left ?? [.. All()];
        var sown = new ConcurrentBag<ScheduleSeed>();
        try
        {
            await Parallel.ForEachAsync(left, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken }, async (seed, token) =>
            {
                if (await IsSownAsync(seed, token))
                {
                    sown.Add(seed);
                }
            });
        }
        finally
        {
            _left = [.. left.Except(sown)];
        }
    }

    private async Task<bool> IsSownAsync(ScheduleSeed seed, CancellationToken cancellationToken)
    {
        try
        {
            var order = await writer.WriteAsync(seed.Recurrence, seed.Work, seed.Options, cancellationToken);
            await grains.GetGrain<IScheduleGrain>(seed.Id).SeedAsync(order, (int)seed.Source).WaitAsync(cancellationToken); // A silo that stops does not wait for one that hangs.
            return true;
        }
        catch (Exception exception) when (exception is KreweException or OrleansException or TimeoutException)
        {
            if (_said.TryAdd($"{seed.Id}: {exception.Message}", 0))
            {
                Log.NotSown(logger, seed.Id, exception.Message);
            }

            return false;
        }
    }

    private static void Check(List<string> violations, string id, Action check)
    {
        try
        {
            check();
        }
        catch (InvalidJobException exception)
        {
            violations.Add($"Schedule {Violations.Quote(id)}: {exception.Message}");
        }
    }

    private IEnumerable<ScheduleSeed> All() => registrations.Schedules.Concat(options.Value.Schedules.Select(static schedule => new ScheduleSeed(
        schedule.Key, ScheduleSettingsReader.RecurrenceOf(schedule.Value), ScheduleSettingsReader.WorkOf(schedule.Value), ScheduleSettingsReader.OptionsOf(schedule.Value), ScheduleSource.Configuration)));
}

/// <summary>A schedule as code or configuration declares it.</summary>
internal sealed record ScheduleSeed(string Id, Recurrence Recurrence, IFlowStep Work, ScheduleOptions Options, ScheduleSource Source);
