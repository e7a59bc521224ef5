using Microsoft.AspNetCore.Http.HttpResults;

namespace Krewe.Api;

/// <summary><c>/api/jobs/{id}</c>: read one, cancel, redrive, forget.</summary>
internal static class JobApi
{
    public static void MapJob(this RouteGroupBuilder api)
    {
        var job = api.MapGroup("/jobs/{id}").WithTags("Jobs");
        job.MapGet("", GetAsync).WithSummary("Reads a job")
            .WithDescription("The whole story: state, attempts, times, worker, errors, progress, parent and children.")
            .Produces<JobInfo>().WithProblems(404, 503);
        job.MapPost("/cancel", CancelAsync).WithSummary("Cancels a job")
            .WithDescription("At once while it waits; while it runs, by firing its handler's token. Durable with the 202. No body is needed.")
            .Produces<JobAnswer>(StatusCodes.Status202Accepted).WithProblems(404, 409, 503);
        job.MapPost("/redrive", RedriveAsync).WithSummary("Sends a failed, cancelled or expired job round again")
            .WithDescription("Attempts start anew, at the tail of its queue. No body is needed.")
            .Produces<JobAnswer>(StatusCodes.Status202Accepted).WithProblems(404, 409, 503);
        job.MapDelete("", ForgetAsync).WithSummary("Forgets a final job")
            .WithDescription("Removes its result and record; a tombstone stays for a while, so that the id still deduplicates.")
            .Produces<JobAnswer>(StatusCodes.Status202Accepted).WithProblems(404, 409, 503);
    }

    private static async Task<IResult> GetAsync(string id, IJobClient jobs, CancellationToken cancellationToken) =>
        TypedResults.Ok(await jobs.GetHandle(id).GetInfoAsync(cancellationToken) ?? throw Unknown(id));

    private static async Task<IResult> CancelAsync(string id, IJobClient jobs, CancellationToken cancellationToken)
    {
        var job = jobs.GetHandle(id);
        return await job.CancelAsync(cancellationToken) ? Accepted(id) : throw await RefusedAsync(job, "a job that is not final can be cancelled", cancellationToken);
    }

    private static async Task<IResult> RedriveAsync(string id, IJobClient jobs, CancellationToken cancellationToken)
    {
        var job = jobs.GetHandle(id);
        return await job.RedriveAsync(cancellationToken) ? Accepted(id) : throw await RefusedAsync(job, "a job that is Failed, Cancelled or Expired, and was not forgotten, can be redriven", cancellationToken);
    }

    private static async Task<IResult> ForgetAsync(string id, IJobClient jobs, CancellationToken cancellationToken)
    {
        var job = jobs.GetHandle(id);
        return await job.ForgetAsync(cancellationToken) ? Accepted(id) : throw await RefusedAsync(job, "a final job can be forgotten; cancel it first", cancellationToken);
    }

    private static Accepted<JobAnswer> Accepted(string id) => TypedResults.Accepted($"/api/jobs/{id}", new JobAnswer(id));

    private static async Task<RequestRefusedException> RefusedAsync(JobHandle job, string rule, CancellationToken cancellationToken) =>
        await job.GetInfoAsync(cancellationToken) switch
        {
            null => Unknown(job.Id),
            { State: JobState.Waiting, FlowId: { } flow } => RequestRefusedException.Conflict($"The job '{job.Id}' waits for its turn in the flow '{flow}'; steer the flow: POST /api/flows/{flow}/cancel."),
            { FlowId: { } flow } info => RequestRefusedException.Conflict($"The job '{job.Id}' is {info.State}; only {rule}. It is a member of the flow '{flow}', which is steered by /api/flows/{flow}."),
            { } info => RequestRefusedException.Conflict($"The job '{job.Id}' is {info.State}; only {rule}."),
        };

    private static RequestRefusedException Unknown(string id) =>
        RequestRefusedException.NotFound($"There is no job '{id}': it never was, or its record was removed after its time to live.");
}
