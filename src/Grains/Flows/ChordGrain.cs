using Krewe.Dispatch;
using Krewe.Placement;
using Orleans.Concurrency;

namespace Krewe.Flows;

/// <summary>A flow: a shell around <see cref="FlowOwner"/> and <see cref="FlowPlan"/>. Key: the flow's id.</summary>
/// <remarks>
/// Reentrant: calls interleave at awaits. The plan is changed and read within one turn; what must be durable before others hear of it is awaited at <see cref="OpenFlow.WriteAsync"/>.
/// Correctness never rests on there being one activation: of two that write, the store refuses the second, which then reads the flow anew.
/// </remarks>
[GrainType("krewe.chord"), Reentrant, StayingSilosPlacement]
internal sealed class ChordGrain : Grain, IChordGrain
{
    /// <summary>A flow that is not final is kept in memory for this long beyond the last call.</summary>
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(3);

    private readonly FlowOwner _owner;
    private readonly FlowViews _views;

    public ChordGrain(IGrainContext context, FlowServices services)
    {
        _owner = new FlowOwner(context.GrainId.Key.ToString()!, services, callback => new GrainWakeTimer(this, callback));
        _views = new FlowViews(services);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _owner.LeaveAsync();

    public Task<bool> AddAsync(NewFlow flow, int first, NewFlowNode[] nodes, bool isLast)
    {
        DelayDeactivation(KeepFor);
        return _owner.AddAsync(flow, first, nodes, isLast);
    }

    public Task EndedAsync(MemberEnd[] ends) => _owner.EndedAsync(ends);

    public Task KeepUpAsync() => _owner.KeepUpAsync();

    public Task<bool> CancelAsync(string? reason) => _owner.CancelAsync(reason);

    public Task<bool> RedriveAsync() => _owner.RedriveAsync();

    public Task GrowAsync(int member, string key, NewFlowNode[] nodes) => _owner.GrowAsync(member, key, nodes);

    public async Task<FlowInfo?> GetInfoAsync() => await _owner.OpenAsync() is { } flow ? await FlowViews.InfoAsync(flow) : null;

    public async Task<FlowNode[]?> GetNodesAsync(int from) => await _owner.OpenAsync() is { } flow ? FlowViews.Nodes(flow, from) : null;

    public async Task<FlowInfo?> AwaitAsync() => await _owner.AwaitAsync(static flow => flow.Settled is not null) is { } flow ? await FlowViews.InfoAsync(flow) : null;

    public async Task<MemberEnds?> AwaitEndsAsync(int after) =>
        await _owner.AwaitAsync(flow => flow.Plan.Ends.Count > after || flow.IsQuiet) is { } flow ? await FlowViews.EndsAsync(flow, after) : null;

    public async Task<FlowResultPage?> ReadResultAsync(int from) => await _owner.OpenAsync() is { } flow ? await _views.ResultAsync(flow, from) : null;

    public async Task<FlowResultPage?> ReadInputAsync(int member, int from) => await _owner.OpenAsync() is { } flow ? await _views.InputAsync(flow, member, from) : null;
}
