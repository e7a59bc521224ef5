using System.Text.Json;
using Krewe.Storage;

namespace Krewe.Schedules;

/// <summary>A schedule's record, as this activation read or wrote it last.</summary>
internal sealed class ScheduleRow(string id, ScheduleServices services)
{
    /// <summary>What the store said is taken for true for so long; a write is refused all the same where it is not.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(100);

    private StoredSchedule? _stored;
    private DateTimeOffset _heardAt;
    private DueRule? _rule;
    private bool _isRead;

    /// <summary>Null: there is none, or it was not read yet.</summary>
    internal ScheduleRecord? Known { get; private set; }

    /// <summary>Its bytes; only of one that is there.</summary>
    internal byte[] Content => _stored!.Content;

    /// <summary>When it is due.</summary>
    internal DueRule Rule => _rule ??= DueRule.Of(Known!);

    /// <summary>Has it read anew before it is used again.</summary>
    internal void Forget() => _isRead = false;

    /// <summary>The record; null: there is none.</summary>
    internal async Task<ScheduleRecord?> OpenAsync()
    {
        if (!_isRead)
        {
            Keep(await services.Store.ReadAsync(id), null);
        }

        return Known;
    }

    /// <summary>Asks the store whether it is as it was, unless it has just answered; where not, it is kept as it is now.</summary>
    internal async Task<bool> IsCurrentAsync()
    {
        if (services.Now - _heardAt is var since && since >= TimeSpan.Zero && since < Fresh)
        {
            return true;
        }

        var stored = await services.Store.ReadAsync(id);
        if (stored?.Version == _stored?.Version)
        {
            _heardAt = services.Now;
            return true;
        }

        Keep(stored, null);
        return false;
    }

    /// <summary>Writes a record in its place.</summary>
    /// <param name="schedule">The record; null: there is to be none.</param>
    /// <returns>Whether it was written; false: another version lies there, which is read anew.</returns>
    /// <exception cref="QueueFullException">The store has no room for a new schedule.</exception>
    internal async Task<bool> WriteAsync(ScheduleRecord? schedule)
    {
        var stored = schedule is null ? null : new StoredSchedule(services.NewVersion(), NextDue.WakeAt(schedule), ScheduleJson.Write(schedule));
        var expected = _stored?.Version;
        _isRead = false; // Until the store has answered, nobody knows what lies there.
        switch (await services.Store.WriteAsync(id, expected, stored))
        {
            case ScheduleWrite.Taken:
                Keep(stored, schedule);
                return true;
            case ScheduleWrite.Full:
                throw QueueFullException.OfSchedule(id);
            default:
                return false;
        }
    }

    private void Keep(StoredSchedule? stored, ScheduleRecord? known)
    {
        var before = Known;
        (_stored, _isRead, _heardAt) = (stored, true, services.Now);
        Known = known ?? (stored is null ? null : Decode(stored.Content));
        if (!ReferenceEquals(before?.Definition, Known?.Definition) || before?.Anchor != Known?.Anchor)
        {
            _rule = null; // Reading a cron expression costs more than all else of firing.
        }
    }

    private ScheduleRecord Decode(byte[] content)
    {
        try
        {
            return ScheduleJson.Read<ScheduleRecord>(content);
        }
        catch (JsonException exception)
        {
            _isRead = false;
            throw new StoreUnavailableException($"The schedule '{id}' cannot be read: {exception.Message} Delete it and make it anew, or start the version that wrote it.", exception);
        }
    }
}
