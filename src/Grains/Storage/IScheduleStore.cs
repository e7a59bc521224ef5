namespace Krewe.Storage;

/// <summary>Where schedules lie: for each one its bytes, and an index of when it is to be woken.</summary>
/// <remarks>
/// <para>Bytes and index are written in one step, so that no schedule is due without being found, and none found that is not there. Of two writers of one schedule only one goes on: a write names the version that it read.</para>
/// <para>Calls give up after 5 seconds with <see cref="StoreUnavailableException"/>: the write may or may not have been taken; read anew.</para>
/// </remarks>
internal interface IScheduleStore
{
    /// <summary>Reads a schedule; null: there is none.</summary>
    Task<StoredSchedule?> ReadAsync(string id);

    /// <summary>Writes a schedule.</summary>
    /// <param name="id">Its id, <c>[A-Za-z0-9._-]</c>, 1..100 characters.</param>
    /// <param name="expectedVersion">The version that must lie there; null: none may.</param>
    /// <param name="schedule">What is to lie there; its version is a text that was never used before. Null: nothing.</param>
    Task<ScheduleWrite> WriteAsync(string id, string? expectedVersion, StoredSchedule? schedule);

    /// <summary>Schedules by id, after another one.</summary>
    /// <param name="after">Exclusive; null: from the first.</param>
    /// <param name="max">1..1,001.</param>
    Task<IReadOnlyList<StoredSchedule>> ListAsync(string? after, int max);

    /// <summary>What is to be woken by an instant, earliest first.</summary>
    /// <param name="until">The instant, itself included.</param>
    /// <param name="skip">How many of the first to pass over.</param>
    /// <param name="max">1..1,000.</param>
    Task<IReadOnlyList<DueSchedule>> ListDueAsync(DateTimeOffset until, int skip, int max);
}

/// <summary>A schedule as it lies in the store.</summary>
/// <param name="Version">26 characters of <c>[0-9a-z]</c>.</param>
/// <param name="WakeAt">When it is to be woken, by the millisecond; null: never. Of a write: a read need not tell it.</param>
/// <param name="Content">The engine's.</param>
internal sealed record StoredSchedule(string Version, DateTimeOffset? WakeAt, byte[] Content);

/// <summary>A schedule that is to be woken.</summary>
internal readonly record struct DueSchedule(string Id, DateTimeOffset WakeAt);

/// <summary>How the store took a write. Anything but <see cref="Taken"/> wrote nothing.</summary>
internal enum ScheduleWrite
{
    /// <summary>It is durable.</summary>
    Taken = 0,

    /// <summary>Another version lies there, or none.</summary>
    WrongVersion = 1,

    /// <summary>The store is full, and the schedule would have been new.</summary>
    Full = 2,
}
