namespace Krewe.Storage.Sqlite;

/// <summary>Flows in the data file of the jobs, written by the same writer; <see cref="SqliteJobStore.ConnectAsync"/> opens it.</summary>
/// <remarks>Which flows are open is a column of theirs, so the catalogue is always true. A flow whose time to live has passed is gone from every answer at once, and
/// removed bit by bit by the appends that follow.</remarks>
internal sealed class SqliteFlowStore(SqliteFile file) : IFlowStore
{
    public Task<FlowAppend> AppendAsync(string id, long expectedLength, FlowHead head, IReadOnlyList<byte[]> entries)
    {
        FlowLimits.Check(id, expectedLength, head, entries);
        return file.WriteAsync(new FlowAppendWork(file, id, expectedLength, head, entries));
    }

    public Task<FlowLogPage?> ReadAsync(string id, long from)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        return file.ReadAsync(database => FlowReads.Read(database, id, from, file.NowTicks));
    }

    public Task<IReadOnlyList<string>> ListOpenAsync(string? after, int max) => file.ReadAsync(database => FlowReads.ListOpen(database, after, max, file.NowTicks));

    /// <summary>Nothing to do: the catalogue names no others.</summary>
    public Task ForgetOpenAsync(string id) => Task.CompletedTask;

    public async Task<FlowHeadPage> ListAsync(string? after, int max)
    {
        FlowCursor? last = after is null ? null : FlowCursor.Parse(after);
        return await file.ReadAsync(database => FlowReads.List(database, last, max, file.NowTicks));
    }
}
