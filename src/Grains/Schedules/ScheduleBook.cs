using System.Globalization;

namespace Krewe.Schedules;

/// <summary>What becomes of a schedule's record. Pure; nothing else changes one.</summary>
internal static class ScheduleBook
{
    private const int MaxOccurrences = 50;

    /// <summary>A new schedule.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="incarnation">Tells it from an earlier one of the same id.</param>
    /// <param name="definition">What it does, whole.</param>
    /// <param name="source">Where it was defined.</param>
    /// <param name="now">When.</param>
    internal static ScheduleRecord Create(string id, string incarnation, ScheduleDefinition definition, ScheduleSource source, DateTimeOffset now)
    {
        var schedule = new ScheduleRecord { Id = id, Incarnation = incarnation, Definition = definition, Source = source, CreatedAt = now, UpdatedAt = now, Anchor = DueRule.AnchorOf(definition, now) };
        return schedule with { NextDue = NextAfter(schedule, now) };
    }

    /// <summary>Another definition. What is due stays due while neither recurrence nor its bounds change.</summary>
    internal static ScheduleRecord Define(ScheduleRecord schedule, ScheduleDefinition definition, DateTimeOffset now)
    {
        if (ScheduleJson.IsSame(schedule.Definition, definition))
        {
            return schedule;
        }

        var (before, after) = (schedule.Definition, definition);
        var isNew = before.Recurrence!.Read() != after.Recurrence!.Read() || before.Options!.Start != after.Options!.Start;
        var isBoundNew = before.Options!.End != after.Options!.End || before.Options.MaxRuns != after.Options.MaxRuns;
        var isEnabledAnew = after.Options.Enabled && !before.Options.Enabled;
        var changed = schedule with
        {
            Definition = definition,
            Revision = schedule.Revision + 1,
            UpdatedAt = now,
            Anchor = isNew ? DueRule.AnchorOf(definition, now) : schedule.Anchor,
            Runs = isNew ? 0 : schedule.Runs,
        };
        return Leave(schedule, !after.Options.Enabled ? changed with { NextDue = null }
            : isNew ? changed with { NextDue = NextAfter(changed with { LastDue = null }, now) }
            : isEnabledAnew || (isBoundNew && schedule.NextDue is null) ? changed with { NextDue = NextAfter(changed, now) }
            : isBoundNew && (schedule.NextDue > after.Options.End || changed.Runs >= after.Options.MaxRuns) ? changed with { NextDue = null }
            : changed, now);
    }

    /// <summary>What was due and could not be enqueued before the change is told as missed.</summary>
    private static ScheduleRecord Leave(ScheduleRecord before, ScheduleRecord after, DateTimeOffset now) => before.NextDue is { } due && NextDue.FireAt(before, due) <= now && after.NextDue != due
        ? Add(after, [new() { Due = due.ToUniversalTime(), At = now, Outcome = OccurrenceOutcome.Missed, Reason = "it could not be enqueued before the schedule was changed" }]) with { Missed = after.Missed + 1 }
        : after;

    /// <summary>What code or configuration says now.</summary>
    internal static ScheduleRecord Seed(ScheduleRecord schedule, ScheduleDefinition seed, DateTimeOffset now)
    {
        if (schedule.Seed is { } known && ScheduleJson.IsSame(known, seed))
        {
            return schedule;
        }

        var isUntouched = schedule.Seed is not null && !schedule.IsOverridden;
        return (isUntouched ? Define(schedule, seed, now) : schedule) with { Seed = seed };
    }

    internal static ScheduleRecord Enable(ScheduleRecord schedule, bool isEnabled, DateTimeOffset now) =>
        Define(schedule, schedule.Definition with { Options = schedule.Definition.Options! with { Enabled = isEnabled } }, now);

    /// <summary>An occurrence was enqueued.</summary>
    internal static ScheduleRecord Fire(ScheduleRecord schedule, DueRule rule, DateTimeOffset due, string jobId, DateTimeOffset at)
    {
        var runs = schedule.Runs + 1;
        var lateness = at - NextDue.FireAt(schedule, due);
        var fired = Pass(schedule, due, new() { Due = due.ToUniversalTime(), At = at, Outcome = OccurrenceOutcome.Fired, JobId = jobId, Lateness = lateness > TimeSpan.Zero ? lateness : TimeSpan.Zero });
        return fired with { Fired = schedule.Fired + 1, Runs = runs, LastJobId = jobId, NextDue = runs >= schedule.Definition.Options!.MaxRuns ? null : rule.Next(due) };
    }

    /// <summary>An occurrence was left out.</summary>
    internal static ScheduleRecord Skip(ScheduleRecord schedule, DueRule rule, DateTimeOffset due, string reason, DateTimeOffset at) =>
        Pass(schedule, due, new() { Due = due.ToUniversalTime(), At = at, Outcome = OccurrenceOutcome.Skipped, Reason = reason }) with { Skipped = schedule.Skipped + 1, NextDue = rule.Next(due) };

    /// <summary>Occurrences are too late. What fires of the rest comes after them.</summary>
    internal static ScheduleRecord Miss(ScheduleRecord schedule, DueRule rule, DueStep step, DateTimeOffset at)
    {
        if (step.Missed is not { } missed)
        {
            return schedule;
        }

        var isLast = step.Fires.Count == 0;
        var policy = schedule.Definition.Options!.Misfire;
        var reason = string.Create(CultureInfo.InvariantCulture, $"the schedule could not be looked after for more than {schedule.Definition.Options.MisfireThreshold:c}, and the misfire policy is {policy}");
        var passed = Pass(schedule, schedule.LastDue, new() { Due = missed.First.ToUniversalTime(), At = at, Outcome = OccurrenceOutcome.Missed, Reason = reason, Count = missed.Count });
        return passed with
        {
            Missed = schedule.Missed + missed.Count,
            LastDue = isLast ? missed.Until.ToUniversalTime() : schedule.LastDue,
            NextDue = isLast ? rule.Next(missed.Until) : missed.Until,
        };
    }

    /// <summary>Something was enqueued beside what is due.</summary>
    internal static ScheduleRecord Add(ScheduleRecord schedule, IEnumerable<ScheduleOccurrence> occurrences) =>
        schedule with { Occurrences = [.. schedule.Occurrences.Concat(occurrences).TakeLast(MaxOccurrences)] };

    private static ScheduleRecord Pass(ScheduleRecord schedule, DateTimeOffset? due, ScheduleOccurrence occurrence) => Add(schedule, [occurrence]) with { LastDue = due?.ToUniversalTime() };

    private static DateTimeOffset? NextAfter(ScheduleRecord schedule, DateTimeOffset now)
    {
        var options = schedule.Definition.Options!;
        var after = schedule.LastDue > now ? schedule.LastDue.Value : now; // A clock that was set back does not fire anything a second time.
        return options.Enabled && !(schedule.Runs >= options.MaxRuns) ? DueRule.Of(schedule).Next(after) : null;
    }
}
