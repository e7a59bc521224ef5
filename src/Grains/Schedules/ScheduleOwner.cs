using Krewe.Dispatch;

namespace Krewe.Schedules;

/// <summary>The one who keeps a schedule: reads it, compares the clock with what is due, enqueues, writes. One call at a time.</summary>
/// <remarks>
/// <para><b>States.</b> None; active (a next due instant lies in the record, and its wake instant in the store's index); paused or ended (neither). Every write replaces record and index in one step and names the version
/// that it read, so of two activations of one schedule one goes on and the other reads anew.</para>
/// <para><b>Invariants.</b> (1) An active schedule is in the index, and whoever sweeps the index wakes it; no wake-up is remembered anywhere else. (2) Due instants follow from the recurrence and the stored anchor alone,
/// never from when somebody looked. (3) The id of an occurrence's job follows from schedule, incarnation and due instant, so however often it is enqueued there is one job. (4) What is due is enqueued first and
/// passed over in the record afterwards.</para>
/// <para><b>Crashes.</b> Before the enqueue: nothing happened; the next wake finds it due. Between enqueue and write: the next wake enqueues it again under the same id, which finds the job that is there, for as long
/// as its id is known (an hour beyond its end at least). After the write: done. A write whose answer was lost: the record is read again before anything else. Where a late occurrence was enqueued for many
/// (FireOnce) and not written, and another fell due meanwhile, both run, each once.</para>
/// <para><b>Outages.</b> While the store or the queue takes nothing, it stays due and is tried again after 1 to 10 seconds; then it is late, and the misfire policy says what becomes of it. What can never be
/// enqueued is skipped, with the reason.</para>
/// </remarks>
internal sealed class ScheduleOwner
{
    /// <summary>A schedule that is due within this time stays in memory and waits by a timer; another one is left to the sweep.</summary>
    internal static readonly TimeSpan StayFor = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(10);

    private readonly string _id;
    private readonly ScheduleServices _services;
    private readonly IWakeTimer _timer;
    private readonly ScheduleRow _row;
    private readonly ScheduleFiring _firing;
    private TimeSpan _pause = FirstPause;
    private DateTimeOffset? _pausedUntil;

    internal ScheduleOwner(string id, ScheduleServices services, Func<Func<Task>, IWakeTimer> timer)
    {
        (_id, _services, _timer, _row) = (id, services, timer(WakeAsync), new ScheduleRow(id, services));
        _firing = new ScheduleFiring(id, _row, services, _timer);
    }

    /// <summary>When it is due next; null: never, or it is not there.</summary>
    internal DateTimeOffset? WakeAt => _row.Known is { } schedule ? NextDue.WakeAt(schedule) : null;

    /// <summary>Whether this silo cannot deal with what is due, though another one may.</summary>
    internal bool IsStuck { get; private set; }

    /// <summary>Compares the clock with what is due. Never fails: what does not go now is tried again.</summary>
    internal async Task WakeAsync()
    {
        if (_pausedUntil > _services.Now)
        {
            _timer.Set(_pausedUntil.Value - _services.Now);
            return;
        }

        try
        {
            await _firing.ReconcileAsync();
            (_pause, _pausedUntil, IsStuck) = (FirstPause, null, false);
        }
        catch (Exception exception)
        {
            // Broad: whatever it was, what is due stays due. What does not pass may be this silo's own: an older version, without a time zone.
            Log.Delayed(_services.Logger, _id, exception.Message);
            _row.Forget();
            (_pausedUntil, IsStuck) = (_services.Now + _pause, !ScheduleFiring.IsPassing(exception));
            _timer.Set(_pause);
            _pause = _pause * 2 < LastPause ? _pause * 2 : LastPause;
        }
    }

    internal async Task<byte[]> CreateAsync(ScheduleOrder order)
    {
        var definition = await _services.Definitions.CompleteAsync(null, order);
        return await ChangeAsync(known => known is null ? Due(Create(definition, ScheduleSource.Client)) with { Order = order.Key } : known.Order == order.Key ? known : throw new ScheduleExistsException(_id));
    }

    internal async Task<byte[]> UpdateAsync(ScheduleOrder order, string? etag)
    {
        await WakeAsync(); // What is due by now is due by the definition that held then.
        var before = await _row.OpenAsync() ?? throw new UnknownScheduleException(_id);
        if (before.Order == order.Key)
        {
            return _row.Content;
        }

        var definition = await _services.Definitions.CompleteAsync(before.Definition, order);
        return await ChangeAsync(known =>
        {
            var current = known ?? throw new UnknownScheduleException(_id);
            if ((etag ?? before.ETag) != current.ETag && current.Order != order.Key)
            {
                throw new ScheduleChangedException(_id, etag ?? before.ETag, current.ETag);
            }

            var changed = ScheduleBook.Define(current, definition, _services.Now);
            return (definition.Recurrence == current.Definition.Recurrence ? changed : Due(changed)) with { Order = order.Key };
        });
    }

    internal async Task SeedAsync(ScheduleOrder order, ScheduleSource source)
    {
        var seed = await _services.Definitions.CompleteAsync(null, order);
        await WakeAsync();
        await ChangeAsync(known =>
        {
            var seeded = known is null ? Create(seed, source) with { Seed = seed } : ScheduleBook.Seed(known, seed, _services.Now);
            if (!ReferenceEquals(seeded, known) && seeded.IsOverridden)
            {
                Log.Overridden(_services.Logger, _id, seeded.Revision);
            }

            return seeded;
        });
    }

    internal async Task<byte[]> EnableAsync(bool isEnabled)
    {
        await WakeAsync();
        return await ChangeAsync(known => ScheduleBook.Enable(known ?? throw new UnknownScheduleException(_id), isEnabled, _services.Now));
    }

    internal async Task<byte[]> ResetAsync()
    {
        await WakeAsync();
        return await ChangeAsync(known => (known ?? throw new UnknownScheduleException(_id)).Seed is { } seed
            ? ScheduleBook.Define(known, seed, _services.Now)
            : throw new InvalidJobException($"The schedule '{_id}' must come from code or configuration to be reset, got one that was made by a call; update it, or delete it."));
    }

    internal async Task<byte[]> TriggerAsync(string nonce)
    {
        var schedule = await _row.OpenAsync() ?? throw new UnknownScheduleException(_id);
        var (now, id) = (_services.Now, OccurrenceIds.Of(schedule, nonce));
        if (schedule.Occurrences.FirstOrDefault(known => known.JobId is { } jobId && jobId[(jobId.LastIndexOf('~') + 1)..] == id) is { } told)
        {
            return ScheduleJson.Write(told);
        }

        var sent = await _services.Sender.SendAsync(schedule, id, now);
        var occurrence = new ScheduleOccurrence { Due = now, At = _services.Now, Outcome = OccurrenceOutcome.Triggered, JobId = sent.Id, Reason = "by hand" };
        await ChangeAsync(known => ScheduleBook.Add(known ?? throw new UnknownScheduleException(_id), [occurrence]));
        return ScheduleJson.Write(occurrence);
    }

    internal async Task<bool> DeleteAsync()
    {
        while (await _row.OpenAsync() is not null)
        {
            if (await _row.WriteAsync(null))
            {
                _timer.Set(Timeout.InfiniteTimeSpan);
                return true;
            }
        }

        return false;
    }

    internal async Task<BackfilledOccurrence[]> BackfillAsync(DateTimeOffset from, DateTimeOffset to, bool isDryRun)
    {
        const int max = 1_000;
        const int maxAtOnce = 50; // The client asks again for the rest: a call is not to hold up what is due, nor to outlast its caller's patience.
        var schedule = await _row.OpenAsync() ?? throw new UnknownScheduleException(_id);
        var known = schedule.Occurrences.Where(static occurrence => occurrence is { JobId: not null, Outcome: OccurrenceOutcome.Fired or OccurrenceOutcome.Backfilled }).GroupBy(static occurrence => occurrence.Due)
            .ToDictionary(static occurrences => occurrences.Key, static occurrences => occurrences.Last().JobId);
        var dues = _row.Rule.From(from).Occurrences(from.AddTicks(from.UtcTicks > 0 ? -1 : 0)).TakeWhile(due => due < to).Take(max + 1).ToList();
        if (dues.Count > max)
        {
            throw new InvalidJobException($"A backfill must have at most {max} occurrences, got more between {from:O} and {to:O}; backfill piece by piece.");
        }

        var filled = new List<BackfilledOccurrence>();
        foreach (var due in dues.Take(isDryRun ? max : maxAtOnce).Select(static due => due.ToUniversalTime()))
        {
            var (id, isExisting) = known.TryGetValue(due, out var knownId) ? (knownId, true) : isDryRun ? (null, false) : await _services.Sender.SendAsync(schedule, OccurrenceIds.Of(schedule, due), due);
            filled.Add(new(due, id, isExisting));
        }

        var (now, added) = (_services.Now, filled.FindAll(occurrence => occurrence.JobId is not null && !known.ContainsKey(occurrence.Due)));
        if (added.Count > 0)
        {
            await ChangeAsync(found => ScheduleBook.Add(found ?? throw new UnknownScheduleException(_id), added.Select(occurrence =>
                new ScheduleOccurrence { Due = occurrence.Due, At = now, Outcome = OccurrenceOutcome.Backfilled, JobId = occurrence.JobId, Reason = "by hand" })));
        }

        return [.. filled];
    }

    private ScheduleRecord Create(ScheduleDefinition definition, ScheduleSource source) => ScheduleBook.Create(_id, _services.NewIncarnation(), definition, source, _services.Now);

    /// <summary>Lets pass what will be due some day, or is paused.</summary>
    private ScheduleRecord Due(ScheduleRecord schedule) => schedule.NextDue is null && schedule.Definition.Options!.Enabled
        ? throw new InvalidJobException($"A schedule must be due some time after now, got none for '{_id}'; look at its recurrence, start and end.")
        : schedule;

    /// <summary>Makes a change until it meets what it was made of, then looks what is due.</summary>
    private async Task<byte[]> ChangeAsync(Func<ScheduleRecord?, ScheduleRecord> change)
    {
        while (true)
        {
            var known = await _row.OpenAsync();
            var changed = change(known);
            if (ReferenceEquals(known, changed) || await _row.WriteAsync(changed))
            {
                var content = _row.Content;
                if (changed.NextDue is not null)
                {
                    await WakeAsync();
                }

                return content;
            }
        }
    }
}
