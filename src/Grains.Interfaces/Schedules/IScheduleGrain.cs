using Krewe.Flows;

namespace Krewe.Schedules;

/// <summary>One schedule. Key: its id.</summary>
/// <remarks>Every call may be repeated: an order carries a key of its own, by which its repetition is known. What is told of a schedule is its stored form, see <c>ScheduleJson</c>.</remarks>
[Alias("krewe.schedule")]
internal interface IScheduleGrain : IGrainWithStringKey
{
    /// <exception cref="ScheduleExistsException">There is one.</exception>
    /// <exception cref="UnknownJobException">No silo ever declared one of its jobs.</exception>
    [Alias("create")]
    Task<byte[]> CreateAsync(ScheduleOrder order);

    /// <exception cref="UnknownScheduleException">There is none.</exception>
    /// <exception cref="ScheduleChangedException">It has another ETag.</exception>
    [Alias("update")]
    Task<byte[]> UpdateAsync(ScheduleOrder order, string? etag);

    /// <summary>What code or configuration says; makes the schedule, or changes it unless somebody else did.</summary>
    [Alias("seed")]
    Task SeedAsync(ScheduleOrder order, int source);

    [Alias("enable")]
    Task<byte[]> EnableAsync(bool isEnabled);

    [Alias("reset")]
    Task<byte[]> ResetAsync();

    /// <returns>The occurrence, as JSON.</returns>
    [Alias("trigger")]
    Task<byte[]> TriggerAsync(string nonce);

    [Alias("delete")]
    Task<bool> DeleteAsync();

    /// <returns>The occurrences of a dry run, at most 1,000; else the first ones of them, which were enqueued.</returns>
    /// <exception cref="InvalidJobException">There are more than 1,000.</exception>
    [Alias("backfill")]
    Task<BackfilledOccurrence[]> BackfillAsync(DateTimeOffset from, DateTimeOffset to, bool isDryRun);

    /// <summary>Compares the clock with what is due.</summary>
    [Alias("wake")]
    Task WakeAsync();
}

/// <summary>Reads schedules without waking them. On every silo; key 0.</summary>
[Alias("krewe.schedule-index")]
internal interface IScheduleIndex : IGrainWithIntegerKey
{
    /// <summary>The stored form of a schedule; null: there is none.</summary>
    [Alias("find")]
    Task<byte[]?> FindAsync(string id);

    /// <summary>Stored forms by id, after another one, without their occurrences.</summary>
    [Alias("list")]
    Task<List<byte[]>> ListAsync(string? after, int max);
}

/// <summary>A definition on its way to its schedule.</summary>
[GenerateSerializer, Immutable, Alias("krewe.schedule-order")]
internal sealed record ScheduleOrder
{
    /// <summary>Tells this order from others.</summary>
    [Id(0)]
    public required string Key { get; init; }

    /// <summary>The definition in its stored form; members that an update leaves alone are absent.</summary>
    [Id(1)]
    public required byte[] Definition { get; init; }

    /// <summary>The flow it enqueues; null: a job, or what it was.</summary>
    [Id(2)]
    public NewFlowNode[]? Nodes { get; init; }
}
