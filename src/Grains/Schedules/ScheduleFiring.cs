using Krewe.Dispatch;

namespace Krewe.Schedules;

/// <summary>Fires what is due of a schedule: enqueues, writes, tells. See <see cref="ScheduleOwner"/>.</summary>
internal sealed class ScheduleFiring(string id, ScheduleRow row, ScheduleServices services, IWakeTimer timer)
{
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    /// <summary>Deals with all that is due by now, then waits for the next.</summary>
    internal async Task ReconcileAsync()
    {
        var started = services.Now;
        while (await row.OpenAsync() is { NextDue: not null } schedule)
        {
            if ((services.Now - started).Duration() > LongestTurn)
            {
                timer.Set(ShortestWait); // Callers wait: whoever pauses it is to come through.
                return;
            }

            var (rule, step) = (row.Rule, NextDue.Decide(schedule, row.Rule, services.Now));
            if (step.WaitUntil is { } until)
            {
                Arm(until);
                return;
            }

            await PassAsync(schedule, rule, step);
        }

        timer.Set(Timeout.InfiniteTimeSpan);
    }

    private async Task PassAsync(ScheduleRecord schedule, DueRule rule, DueStep step)
    {
        var started = services.Now;
        var passed = ScheduleBook.Miss(schedule, rule, step, started);
        foreach (var due in step.Fires)
        {
            // Somebody else may have changed it while this silo stood still.
            if (!await row.IsCurrentAsync())
            {
                return;
            }

            passed = await FireAsync(passed, rule, due);
            if (!await row.WriteAsync(passed))
            {
                return; // Somebody else keeps it as well: what was enqueued has its id, and the record is read anew.
            }

            Told(schedule, passed);
            schedule = passed;
            if (passed.NextDue is null || (services.Now - started).Duration() > LongestTurn)
            {
                return;
            }
        }

        if (step.Fires.Count == 0 && await row.WriteAsync(passed))
        {
            Told(schedule, passed);
        }
    }

    private async Task<ScheduleRecord> FireAsync(ScheduleRecord schedule, DueRule rule, DateTimeOffset due)
    {
        var overlap = schedule.Definition.Options!.Overlap;
        if (overlap != OverlapPolicy.Allow && schedule.LastJobId is { } previous && !await services.Sender.HasEndedAsync(previous))
        {
            if (overlap == OverlapPolicy.Skip)
            {
                return ScheduleBook.Skip(schedule, rule, due, $"the one before, '{previous}', has not ended, and the overlap policy is {overlap}", services.Now);
            }

            await services.Sender.CancelAsync(previous, $"The next occurrence of the schedule '{id}' is due.");
        }

        try
        {
            var sent = await services.Sender.SendAsync(schedule, OccurrenceIds.Of(schedule, due), due);
            return ScheduleBook.Fire(schedule, rule, due, sent.Id, services.Now);
        }
        catch (KreweException exception) when (!IsPassing(exception) && services.Now - NextDue.FireAt(schedule, due) >= schedule.Definition.Options!.MisfireThreshold)
        {
            // Not at once: another silo may know better, as in a deployment that changed the job.
            return ScheduleBook.Skip(schedule, rule, due, exception.Message, services.Now);
        }
    }

    /// <summary>What of the last written record is news to those who watch.</summary>
    private void Told(ScheduleRecord before, ScheduleRecord after)
    {
        foreach (var occurrence in after.Occurrences.Skip(Math.Max(0, after.Occurrences.Count - 2)).Where(occurrence => !before.Occurrences.Contains(occurrence)))
        {
            services.Metrics.SchedulePassed(after.Definition.Job, occurrence);
            switch (occurrence.Outcome)
            {
                case OccurrenceOutcome.Missed:
                    Log.Missed(services.Logger, id, occurrence.Count, occurrence.Due, occurrence.Reason);
                    break;
                case OccurrenceOutcome.Skipped:
                    Log.Skipped(services.Logger, id, occurrence.Due, occurrence.Reason);
                    break;
                default:
                    Log.Fired(services.Logger, id, occurrence.Due, occurrence.JobId);
                    break;
            }
        }
    }

    private void Arm(DateTimeOffset until)
    {
        var wait = until - services.Now;
        timer.Set(wait > ScheduleOwner.StayFor ? Timeout.InfiniteTimeSpan : wait < ShortestWait ? ShortestWait : wait);
    }

    /// <summary>Whether the same may succeed a moment later.</summary>
    internal static bool IsPassing(Exception exception) => exception is StoreUnavailableException or QueueFullException or TimeoutException or OrleansException or OperationCanceledException;
}
