namespace Krewe.Api;

/// <summary><c>/api/workers</c>.</summary>
internal static class WorkersApi
{
    public static void MapWorkers(this RouteGroupBuilder api) =>
        api.MapGet("/workers", async (IJobClient jobs, CancellationToken cancellationToken) => TypedResults.Ok(await jobs.Workers.ListAsync(cancellationToken)))
            .WithTags("Workers").WithSummary("Lists the silos that run jobs")
            .WithDescription("Slots, running jobs and the job names that each silo handles.").WithProblems(503);
}
