using Krewe.Flows;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Krewe.Api;

/// <summary><c>/api/flows/{id}</c>: read one, draw it, cancel, redrive.</summary>
internal static class FlowApi
{
    private const int DefaultNodes = 1_000;
    private const int MaxNodes = 10_000;

    public static void MapFlow(this RouteGroupBuilder api)
    {
        var flow = api.MapGroup("/flows/{id}").WithTags("Flows");
        flow.MapGet("", GetAsync).WithSummary("Reads a flow")
            .WithDescription($"State, counts by state, error, result, the tree with the state of every node, and the critical path so far: the jobs that the time was spent on. `result` is there when it succeeded, unless it is over 1 MiB (`resultTooLarge`) or a part of it was removed (`resultGone`). `nodes` is 1 to {MaxNodes}, {DefaultNodes} unless said: with more, the tree is cut (`treeCut`). `format=mermaid` answers the tree as the text of a Mermaid flowchart instead, of {FlowMermaid.MaxNodes} nodes at most.")
            .Produces<FlowAnswer>().WithProblems(400, 404, 503);
        flow.MapPost("/cancel", CancelAsync).WithSummary("Cancels a flow")
            .WithDescription("Members that wait never start, running ones get their token. Durable with the 202. No body is needed.")
            .Produces<JobAnswer>(StatusCodes.Status202Accepted).WithProblems(404, 409, 503);
        flow.MapPost("/redrive", RedriveAsync).WithSummary("Runs what did not succeed again")
            .WithDescription("Then the flow goes on. Members that succeeded keep their results. No body is needed.")
            .Produces<JobAnswer>(StatusCodes.Status202Accepted).WithProblems(404, 409, 503);
    }

    private static async Task<IResult> GetAsync(string id, IJobClient jobs, FlowResultReader results, CancellationToken cancellationToken, string? format = null, string? nodes = null)
    {
        var (isMermaid, count) = (ReadFormat(format), QueryNumber.Read("nodes", nodes, DefaultNodes, MaxNodes));
        var flow = Find(id, jobs);
        var info = await flow.GetInfoAsync(cancellationToken) ?? throw Unknown(id);
        var tree = await FlowTree.ReadAsync(flow, isMermaid ? Math.Min(count, FlowMermaid.MaxNodes) : count, cancellationToken);
        if (isMermaid)
        {
            return TypedResults.Text(FlowMermaid.Write(tree));
        }

        var result = info.State == JobState.Succeeded ? await results.ReadAsync(id, cancellationToken) : default;
        return TypedResults.Ok(new FlowAnswer
        {
            Id = info.Id,
            Name = info.Name,
            State = info.State,
            Result = result.Json,
            ResultTooLarge = result.IsTooLarge,
            ResultGone = result.IsGone,
            Error = info.Error,
            Reason = info.Reason,
            Counts = info.Counts,
            CreatedAt = info.CreatedAt,
            FinishedAt = info.FinishedAt,
            Run = info.Run,
            ParentId = info.ParentId,
            IsSealed = info.IsSealed,
            CriticalPath = await CriticalPath.ReadAsync(tree.Root, jobs, cancellationToken),
            Tree = tree.Root,
            TreeCut = tree.IsCut,
        });
    }

    private static async Task<IResult> CancelAsync(string id, IJobClient jobs, CancellationToken cancellationToken)
    {
        var flow = Find(id, jobs);
        return await flow.CancelAsync(cancellationToken) ? Accepted(id) : throw await RefusedAsync(flow, "a flow that is not final can be cancelled", cancellationToken);
    }

    private static async Task<IResult> RedriveAsync(string id, IJobClient jobs, CancellationToken cancellationToken)
    {
        var flow = Find(id, jobs);
        return await flow.RedriveAsync(cancellationToken) ? Accepted(id) : throw await RefusedAsync(flow, "a flow that is Failed, Cancelled or Expired, and of which no job is running, can be redriven", cancellationToken);
    }

    private static FlowHandle Find(string id, IJobClient jobs) => FlowIds.IsId(id)
        ? jobs.GetFlow(id)
        : throw RequestRefusedException.NotFound($"There is no flow '{id}'; an id is 1..{FlowIds.MaxLength} of the characters A-Z a-z 0-9 . _ -, as POST /api/flows answers it.");

    private static Accepted<JobAnswer> Accepted(string id) => TypedResults.Accepted($"/api/flows/{id}", new JobAnswer(id));

    private static async Task<RequestRefusedException> RefusedAsync(FlowHandle flow, string rule, CancellationToken cancellationToken) =>
        await flow.GetInfoAsync(cancellationToken) is { } info
            ? RequestRefusedException.Conflict($"The flow '{flow.Id}' is {info.State}; only {rule}.")
            : Unknown(flow.Id);

    private static RequestRefusedException Unknown(string id) =>
        RequestRefusedException.NotFound($"There is no flow '{id}': it never was, or it was removed after its time to live.");

    private static bool ReadFormat(string? text) => text?.ToLowerInvariant() switch
    {
        null or "" or "json" => false,
        "mermaid" => true,
        _ => throw RequestRefusedException.BadRequest($"format must be json or mermaid, got '{text}'."),
    };
}
