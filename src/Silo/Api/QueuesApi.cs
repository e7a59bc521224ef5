namespace Krewe.Api;

/// <summary><c>/api/queues</c>.</summary>
internal static class QueuesApi
{
    public static void MapQueues(this RouteGroupBuilder api) =>
        api.MapGet("/queues", async (IJobClient jobs, CancellationToken cancellationToken) => TypedResults.Ok(await jobs.Queues.ListAsync(cancellationToken)))
            .WithTags("Queues").WithSummary("Lists the queues")
            .WithDescription("Depth, running, oldest age, rates, dead letters, and jobs that no live worker handles.").WithProblems(503);
}
