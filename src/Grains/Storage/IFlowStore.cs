namespace Krewe.Storage;

/// <summary>Where flows lie: for each a log of entries that is only appended to, and a head that says in short how it stands.</summary>
/// <remarks>
/// <para>What entries and heads mean is the engine's business ; the store keeps bytes. An append is taken whole or not at all, is durable when the call
/// returns, and is refused when the log is not as long as the writer believes: of two writers of one flow only one goes on.</para>
/// <para>The catalogue of open flows may name a flow that is not there (a crash between the two writes); it never misses one that is there and open.</para>
/// <para>Calls give up after 5 seconds with <see cref="StoreUnavailableException"/>: the append may or may not have been taken; read the flow anew.</para>
/// </remarks>
internal interface IFlowStore
{
    /// <summary>Appends entries to a flow's log and replaces its head.</summary>
    /// <param name="id">The flow's id, <c>[A-Za-z0-9._-]</c>, 1..128 characters.</param>
    /// <param name="expectedLength">Entries that the log must have now; 0: the flow must not exist.</param>
    /// <param name="head">The head from here on.</param>
    /// <param name="entries">0..64 entries, 4 MiB in all unless it is a single one.</param>
    Task<FlowAppend> AppendAsync(string id, long expectedLength, FlowHead head, IReadOnlyList<byte[]> entries);

    /// <summary>Reads a page of a flow's log, in order, with the head as of the same moment.</summary>
    /// <param name="id">The flow.</param>
    /// <param name="from">The first entry to read, from 0.</param>
    /// <returns>Up to 4 MiB of entries beyond the first; null: there is no such flow.</returns>
    Task<FlowLogPage?> ReadAsync(string id, long from);

    /// <summary>Ids of open flows after another one, in order of id.</summary>
    /// <param name="after">Exclusive; null: from the first.</param>
    /// <param name="max">1..1,000.</param>
    Task<IReadOnlyList<string>> ListOpenAsync(string? after, int max);

    /// <summary>Takes a flow out of the catalogue that is not there, or not open any more. Does nothing to one that is open.</summary>
    Task ForgetOpenAsync(string id);

    /// <summary>Heads of flows that are still there, newest first.</summary>
    /// <param name="after">A cursor of an earlier page; null: the first page.</param>
    /// <param name="max">1..200.</param>
    /// <exception cref="FormatException"><paramref name="after"/> is no cursor.</exception>
    Task<FlowHeadPage> ListAsync(string? after, int max);
}

/// <summary>How the store took an append. Anything but <see cref="Taken"/> wrote nothing.</summary>
internal enum FlowAppend
{
    /// <summary>It is durable.</summary>
    Taken = 0,

    /// <summary>The log has another length, or is gone.</summary>
    WrongLength = 1,

    /// <summary>The store is full, and the append would have made a new flow.</summary>
    Full = 2,
}

/// <summary>How a flow stands, in short.</summary>
/// <param name="CreatedAt">When it was first written; never changes.</param>
/// <param name="IsOpen">Whether it needs upkeep: it is in the catalogue of open flows.</param>
/// <param name="Ttl">After what time from this write log and head go; null: they stay. Only of a flow that is not open.</param>
/// <param name="Summary">The engine's; at most 16 KiB.</param>
internal sealed record FlowHead(DateTimeOffset CreatedAt, bool IsOpen, TimeSpan? Ttl, byte[] Summary);

/// <summary>A page of a flow's log.</summary>
/// <param name="Head">As of the same moment.</param>
/// <param name="Length">Entries in the whole log.</param>
/// <param name="Entries">From the asked one on; empty behind the end.</param>
internal sealed record FlowLogPage(FlowHead Head, long Length, IReadOnlyList<byte[]> Entries);

/// <summary>A page of heads.</summary>
/// <param name="Flows">Ids and heads.</param>
/// <param name="Next">The cursor of the next page; null: this was the last.</param>
internal sealed record FlowHeadPage(IReadOnlyList<(string Id, FlowHead Head)> Flows, string? Next);
