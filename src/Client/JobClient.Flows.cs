using System.Diagnostics;
using Krewe.Definitions;
using Krewe.Flows;

namespace Krewe;

internal sealed partial class JobClient
{
    public async Task<FlowHandle<T>> EnqueueAsync<T>(Flow<T> flow, FlowOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (id, isExisting) = await AddFlowAsync(flow, options, cancellationToken).ConfigureAwait(false);
        return new ClientFlowHandle<T>(id, isExisting, services.Flows);
    }

    public async Task<FlowHandle> EnqueueAsync(Flow flow, FlowOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (id, isExisting) = await AddFlowAsync(flow, options, cancellationToken).ConfigureAwait(false);
        return new ClientFlowHandle(id, isExisting, services.Flows);
    }

    public FlowHandle GetFlow(string flowId) => new ClientFlowHandle(ValidFlow(flowId), isExisting: true, services.Flows);

    public FlowHandle<T> GetFlow<T>(string flowId) => new ClientFlowHandle<T>(ValidFlow(flowId), isExisting: true, services.Flows);

    public Task<FlowPage> ListFlowsAsync(string? after = null, int limit = 50, CancellationToken cancellationToken = default) => services.Flows.ListAsync(after, limit, cancellationToken);

    private async Task<(string Id, bool IsExisting)> AddFlowAsync(Flow flow, FlowOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        cancellationToken.ThrowIfCancellationRequested();
        options ??= new FlowOptions();
        OptionChecks.Check(options);
        var id = options.Id ?? services.Factory.NewFlowId();
        var order = new FlowOrder(
            flow,
            new NewFlow { CancelsOnFailure = options.CancelOnFailure, ParentId = parentId, Name = options.Name },
            new FlowTarget(id) { ParentId = parentId, Headers = options.Headers is { Count: > 0 } headers ? new Dictionary<string, string>(headers) : null });

        using var activity = Source.StartActivity("enqueue", ActivityKind.Producer);
        activity?.SetTag("krewe.flow.id", id);
        try
        {
            // An id that was made here is nobody else's: a flow that is there is this one, sent by a call that was repeated.
            return (id, await services.FlowSender.SendAsync(order, cancellationToken).ConfigureAwait(false) && options.Id is not null);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw;
        }
    }

    private static string ValidFlow(string flowId)
    {
        ArgumentNullException.ThrowIfNull(flowId);
        return OptionChecks.OfName("", "A flow's id", flowId) is [var violation, ..] ? throw new InvalidJobException(violation) : flowId;
    }
}
