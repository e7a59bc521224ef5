using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Krewe.Schedules;

/// <summary>What a schedule has to do next. Pure: same inputs, same answer.</summary>
internal static class NextDue
{
    /// <summary>Due instants of one outage that are counted; a schedule of every second that slept for a year is not to cost half a minute.</summary>
    private const int MaxCounted = 10_000;

    private static readonly TimeSpan FirstLook = TimeSpan.FromMinutes(1);

    /// <summary>Decides.</summary>
    /// <param name="schedule">With a next due instant.</param>
    /// <param name="rule">When it is due.</param>
    /// <param name="now">By the clock of this silo.</param>
    internal static DueStep Decide(ScheduleRecord schedule, DueRule rule, DateTimeOffset now)
    {
        var (due, options) = (schedule.NextDue!.Value, schedule.Definition.Options!);
        var fireAt = FireAt(schedule, due);
        if (fireAt > now)
        {
            return new(fireAt, null, []);
        }

        // With a jitter above the interval an occurrence may have to wait for the one before it, which is no reason to call it late.
        var couldFireAt = options.Jitter > TimeSpan.Zero && schedule.Occurrences is [.., { At: var before }] && before > fireAt ? before : fireAt;
        return now - couldFireAt <= options.MisfireThreshold ? new(null, null, [due]) : Late(schedule, rule, due, now, options);
    }

    /// <summary>When an occurrence is enqueued: its due instant and a part of the jitter, drawn from its own identity, so that every silo draws the same.</summary>
    internal static DateTimeOffset FireAt(ScheduleRecord schedule, DateTimeOffset due)
    {
        if (schedule.Definition.Options!.Jitter is not { Ticks: > 0 } jitter)
        {
            return due;
        }

        Span<byte> identity = stackalloc byte[64];
        var length = Encoding.UTF8.GetBytes(schedule.Incarnation.AsSpan()[..Math.Min(schedule.Incarnation.Length, 16)], identity);
        BinaryPrimitives.WriteInt64LittleEndian(identity[length..], due.UtcTicks);
        var part = XxHash3.HashToUInt64(identity[..(length + sizeof(long))]) / (double)ulong.MaxValue;
        var later = new TimeSpan((long)(jitter.Ticks * part));
        return due < DateTimeOffset.MaxValue - later ? due + later : due;
    }

    /// <summary>When the index is to wake it; null: never.</summary>
    internal static DateTimeOffset? WakeAt(ScheduleRecord schedule) => schedule.NextDue is { } due ? FireAt(schedule, due) : null;

    private static DueStep Late(ScheduleRecord schedule, DueRule rule, DateTimeOffset due, DateTimeOffset now, ScheduleOptions options)
    {
        // What is late itself: without catching up, an occurrence that is on time fires though others before it were missed.
        var skips = options.Misfire == MisfirePolicy.Skip;
        var (count, newest) = Newest(schedule, rule, due, skips ? now - options.MisfireThreshold : now, options.Misfire == MisfirePolicy.FireAll ? options.MaxMisfires : 1);
        var fired = skips ? [] : newest;
        var missed = count - fired.Count;
        return new(null, missed == 0 ? null : new(due, skips ? newest[^1] : fired[0], missed), fired);
    }

    /// <summary>How many due instants there are by now, and the newest of them, in order.</summary>
    private static (long Count, List<DateTimeOffset> Newest) Newest(ScheduleRecord schedule, DueRule rule, DateTimeOffset due, DateTimeOffset now, int keep)
    {
        var (count, newest) = (0L, new Queue<DateTimeOffset>());
        foreach (var instant in rule.Occurrences(due).Prepend(due).TakeWhile(instant => FireAt(schedule, instant) <= now))
        {
            if (++count > MaxCounted)
            {
                return (MaxCounted, LookBack(schedule, rule, due, now, keep));
            }

            newest.Enqueue(instant);
            if (newest.Count > keep)
            {
                newest.Dequeue();
            }
        }

        return (count, [.. newest]);
    }

    private static List<DateTimeOffset> LookBack(ScheduleRecord schedule, DueRule rule, DateTimeOffset due, DateTimeOffset now, int keep)
    {
        for (var span = FirstLook; ; span *= 2)
        {
            var from = now - due > span ? now - span : due;
            var found = rule.Occurrences(from).TakeWhile(instant => FireAt(schedule, instant) <= now).TakeLast(keep).ToList();
            if (found.Count == keep || from == due)
            {
                return found;
            }
        }
    }
}

/// <summary>What a schedule has to do: wait, or miss what is too late and then fire the rest.</summary>
/// <param name="WaitUntil">Nothing is due before this instant; null: something is.</param>
/// <param name="Missed">What does not fire any more; null: nothing.</param>
/// <param name="Fires">What fires, in order.</param>
internal sealed record DueStep(DateTimeOffset? WaitUntil, MissedDues? Missed, IReadOnlyList<DateTimeOffset> Fires);

/// <summary>Due instants that are too late.</summary>
/// <param name="First">The first one.</param>
/// <param name="Until">The first that is not missed; where none fires: the last one that is.</param>
/// <param name="Count">How many, as far as they were counted.</param>
internal sealed record MissedDues(DateTimeOffset First, DateTimeOffset Until, long Count);
