namespace Krewe.Flows;

/// <summary>A flow. Key: its id. Every call may be repeated; every call may fail with <see cref="StoreUnavailableException"/> and Orleans' transient exceptions.</summary>
[Alias("krewe.chord")]
internal interface IChordGrain : IGrainWithStringKey
{
    /// <summary>Takes a flow, or more of it. What can start starts at once.</summary>
    /// <param name="flow">The flow; the same with every call.</param>
    /// <param name="first">The index of the first of <paramref name="nodes"/>; those that are known already are made sure of.</param>
    /// <param name="nodes">At most 1,000.</param>
    /// <param name="isLast">Whether the flow ends with them: nothing that is not sealed can succeed, and what is idle for 5 minutes is cancelled.</param>
    /// <returns>Whether a flow of this id was there already, sealed, when this call came; its nodes were then not looked at.</returns>
    /// <exception cref="QueueFullException">A queue of its first jobs is full; the flow is cancelled.</exception>
    [Alias("add")]
    Task<bool> AddAsync(NewFlow flow, int first, NewFlowNode[] nodes, bool isLast);

    /// <summary>Is told how members ended. Telling twice does no harm.</summary>
    [Alias("ended")]
    Task EndedAsync(MemberEnd[] ends);

    /// <summary>Looks after the flow: asks the store how members stand of which nothing was heard, repeats what is owed, ends what nobody seals.</summary>
    [Alias("keep-up")]
    Task KeepUpAsync();

    /// <summary>The flow as it stands; null when unknown.</summary>
    [Alias("info")]
    Task<FlowInfo?> GetInfoAsync();

    /// <summary>Its nodes from an index on, at most 1,000; null when the flow is unknown.</summary>
    [Alias("nodes")]
    Task<FlowNode[]?> GetNodesAsync(int from);

    /// <summary>Waits at most 8 seconds for the flow to be final.</summary>
    /// <returns>The flow as it stands then; null when unknown.</returns>
    [Alias("await")]
    Task<FlowInfo?> AwaitAsync();

    /// <summary>Waits at most 8 seconds for members to end.</summary>
    /// <param name="after">How many ends the caller has seen.</param>
    /// <returns>The ends after those, in the order in which they became known, at most 1,000; empty and <see cref="MemberEnds.IsComplete"/> when there will be no more.</returns>
    [Alias("ends")]
    Task<MemberEnds?> AwaitEndsAsync(int after);

    /// <summary>A page of a result as JSON text; the pages in order are the whole.</summary>
    /// <param name="from">0, then <see cref="FlowResultPage.Next"/>.</param>
    /// <exception cref="ResultGoneException">A member's result is not there any more.</exception>
    [Alias("result")]
    Task<FlowResultPage?> ReadResultAsync(int from);

    /// <summary>A page of the input of a member.</summary>
    /// <inheritdoc cref="ReadResultAsync"/>
    [Alias("input")]
    Task<FlowResultPage?> ReadInputAsync(int member, int from);

    /// <summary>Cancels what has not ended; true when the flow is or will be cancelled.</summary>
    [Alias("cancel")]
    Task<bool> CancelAsync(string? reason);

    /// <summary>Runs what did not succeed again; true when the flow goes on.</summary>
    [Alias("redrive")]
    Task<bool> RedriveAsync();

    /// <summary>Adds members to the group of a running member.</summary>
    /// <param name="member">The running member's index.</param>
    /// <param name="key">Tells this addition from the member's others; one that is known is made sure of and no more.</param>
    /// <param name="nodes">The root of each addition has the parent -1; other parents count from the first of <paramref name="nodes"/>.</param>
    [Alias("grow")]
    Task GrowAsync(int member, string key, NewFlowNode[] nodes);
}

/// <summary>How a member ended.</summary>
/// <param name="Member">Its index.</param>
/// <param name="State">A final state.</param>
/// <param name="Run">The run it was started in.</param>
[GenerateSerializer, Immutable, Alias("krewe.member-end")]
internal readonly record struct MemberEnd([property: Id(0)] int Member, [property: Id(1)] JobState State, [property: Id(2)] int Run);

/// <summary>Ends of members.</summary>
/// <param name="Jobs">Full ids with states.</param>
/// <param name="IsComplete">Whether there will be no more.</param>
[GenerateSerializer, Immutable, Alias("krewe.member-ends")]
internal sealed record MemberEnds([property: Id(0)] KeyValuePair<string, JobState>[] Jobs, [property: Id(1)] bool IsComplete);

/// <summary>A page of JSON text.</summary>
/// <param name="Json">UTF-8.</param>
/// <param name="Next">Where the next page begins; -1: this was the last.</param>
[GenerateSerializer, Immutable, Alias("krewe.flow-result-page")]
internal sealed record FlowResultPage([property: Id(0)] byte[] Json, [property: Id(1)] int Next);
