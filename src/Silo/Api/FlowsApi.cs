using Krewe.Flows;

namespace Krewe.Api;

/// <summary>A flow in a list.</summary>
/// <param name="Id">The flow's id.</param>
/// <param name="Name">What people call it; null: nothing.</param>
/// <param name="State">Running until it is final.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="FinishedAt">When it became final; null before.</param>
/// <param name="Error">The first member that did not succeed.</param>
/// <param name="Run">1, and one more with each redrive.</param>
internal sealed record ListedFlow(string Id, string? Name, JobState State, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, FlowError? Error, int Run);

/// <summary>A page of flows.</summary>
/// <param name="Flows">Newest first.</param>
/// <param name="Next">The <c>after</c> of the next page; null at the end.</param>
internal sealed record FlowListAnswer(IReadOnlyList<ListedFlow> Flows, string? Next);

/// <summary><c>/api/flows</c>: enqueue one, list.</summary>
internal static class FlowsApi
{
    private const int DefaultLimit = 50;

    public static void MapFlows(this RouteGroupBuilder api)
    {
        var flows = api.MapGroup("/flows").WithTags("Flows");
        flows.MapPost("", EnqueueAsync).WithSummary("Enqueues a flow")
            .WithDescription("The body is the tree itself: each step has one of `job` (with `args` and `options`), `chain`, `group` and `chord`, and may have `onSuccess` and `onError` (a step, or an array of them). The root may also have `id`, `name`, `headers` and `cancelOnFailure`; one that is a single job becomes a chain of one. 202 means that the flow is durable. At most 1,000,000 jobs and 64 levels; a 400 names the place, such as `chain[1].header[3]`.")
            .Accepts<FlowBody>("application/json").Produces<EnqueueAnswer>(StatusCodes.Status202Accepted)
            .WithProblems(400, 404, 413, 415, 429, 503);
        flows.MapGet("", ListAsync).WithSummary("Lists flows")
            .WithDescription($"A page of 1 to {FlowCalls.MaxListed} flows (`limit`, {DefaultLimit} unless said), newest first, each as it was last written; `next` is the `after` of the next page, null at the end.")
            .Produces<FlowListAnswer>().WithProblems(400, 503);
    }

    private static async Task<IResult> EnqueueAsync(HttpContext http, IJobClient jobs, DeclaredNames names, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, cancellationToken);
        var request = FlowRequest.Read(body.RootElement);
        foreach (var name in request.Names)
        {
            await names.RequireAsync(name, cancellationToken);
        }

        var handle = await jobs.EnqueueAsync(request.Flow, request.Options, cancellationToken);
        return TypedResults.Accepted($"/api/flows/{handle.Id}", new EnqueueAnswer(handle.Id, handle.IsExisting));
    }

    private static async Task<IResult> ListAsync(IJobClient jobs, CancellationToken cancellationToken, string? after = null, string? limit = null)
    {
        var page = await jobs.ListFlowsAsync(string.IsNullOrEmpty(after) ? null : after, QueryNumber.Read("limit", limit, DefaultLimit, FlowCalls.MaxListed), cancellationToken);
        return TypedResults.Ok(new FlowListAnswer(
            [.. page.Flows.Select(static flow => new ListedFlow(flow.Id, flow.Name, flow.State, flow.CreatedAt, flow.FinishedAt, flow.Error, flow.Run))], page.Next));
    }
}
