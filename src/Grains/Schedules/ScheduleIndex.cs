using Krewe.Storage;
using Orleans.Concurrency;

namespace Krewe.Schedules;

/// <inheritdoc cref="IScheduleIndex"/>
[GrainType("krewe.schedule-index"), StatelessWorker(4), Reentrant]
internal sealed class ScheduleIndex(IScheduleStore store) : Grain, IScheduleIndex
{
    public async Task<byte[]?> FindAsync(string id) => (await store.ReadAsync(id))?.Content;

    public async Task<List<byte[]>> ListAsync(string? after, int max) => [.. (await store.ListAsync(after, max)).Select(static schedule => WithoutOccurrences(schedule.Content))];

    /// <summary>A list does not tell them, and they are most of a record.</summary>
    private static byte[] WithoutOccurrences(byte[] content) => ScheduleJson.Write(ScheduleJson.Read<ScheduleRecord>(content) with { Occurrences = [] });
}
