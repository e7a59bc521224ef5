namespace Krewe.Api;

/// <summary>Turns what a route throws into problem details; a defect of ours is left to the exception handler, which logs it and tells nothing of it.</summary>
internal sealed class ProblemFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        try
        {
            return await next(context);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return Results.Empty;
        }
        catch (Exception exception) when (Find(exception, http) is not null)
        {
            return Find(exception, http)!.Answer(http);
        }
    }

    // A job's id names its queue: one that does not read, or whose queue is not there, is the id of no job. A schedule's is the caller's own.
    private static Problem? Find(Exception exception, HttpContext http) => Problem.From(exception) is not { } problem
        ? null
        : exception is InvalidJobException or UnknownQueueException && http.GetRouteValue("id") is { } id && !http.Request.Path.StartsWithSegments("/api/schedules")
            ? new Problem(StatusCodes.Status404NotFound, $"There is no job '{id}'; an id has the form <queue>~<partition>~<id>, as POST /api/jobs answers it.")
            : problem;
}
