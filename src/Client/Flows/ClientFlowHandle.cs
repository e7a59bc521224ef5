namespace Krewe.Flows;

/// <summary>A handle whose flow has no declared result.</summary>
internal sealed class ClientFlowHandle(string id, bool isExisting, FlowCalls calls) : FlowHandle(id, isExisting)
{
    public override Task<FlowInfo?> GetInfoAsync(CancellationToken cancellationToken = default) => calls.GetInfoAsync(Id, cancellationToken);

    public override IAsyncEnumerable<FlowNode> GetNodesAsync(CancellationToken cancellationToken = default) => calls.GetNodesAsync(Id, cancellationToken);

    public override Task<JobState> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => calls.WaitAsync(Id, timeout, cancellationToken);

    public override Task<T> GetResultAsync<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => calls.GetResultAsync<T>(Id, timeout, cancellationToken);

    public override IAsyncEnumerable<JobHandle> EndedMembersAsync(CancellationToken cancellationToken = default) => calls.EndedMembersAsync(Id, cancellationToken);

    public override Task<bool> CancelAsync(CancellationToken cancellationToken = default) => calls.CancelAsync(Id, null, cancellationToken);

    public override Task<bool> RedriveAsync(CancellationToken cancellationToken = default) => calls.RedriveAsync(Id, cancellationToken);
}

/// <summary>A handle whose flow declares its result.</summary>
internal sealed class ClientFlowHandle<TResult>(string id, bool isExisting, FlowCalls calls) : FlowHandle<TResult>(id, isExisting)
{
    public override Task<FlowInfo?> GetInfoAsync(CancellationToken cancellationToken = default) => calls.GetInfoAsync(Id, cancellationToken);

    public override IAsyncEnumerable<FlowNode> GetNodesAsync(CancellationToken cancellationToken = default) => calls.GetNodesAsync(Id, cancellationToken);

    public override Task<JobState> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => calls.WaitAsync(Id, timeout, cancellationToken);

    public override Task<T> GetResultAsync<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => calls.GetResultAsync<T>(Id, timeout, cancellationToken);

    public override IAsyncEnumerable<JobHandle> EndedMembersAsync(CancellationToken cancellationToken = default) => calls.EndedMembersAsync(Id, cancellationToken);

    public override Task<bool> CancelAsync(CancellationToken cancellationToken = default) => calls.CancelAsync(Id, null, cancellationToken);

    public override Task<bool> RedriveAsync(CancellationToken cancellationToken = default) => calls.RedriveAsync(Id, cancellationToken);
}
