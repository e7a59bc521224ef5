using System.Text.Json.Serialization;

namespace Krewe.Api;

/// <summary>The HTTP API: a route group, so that one call covers all of it (<c>.RequireAuthorization()</c>, rate limits).</summary>
internal static class KreweApi
{
    // A flow's tree takes two levels for each of its own.
    private const int MaxAnswerDepth = 1_000;

    /// <summary>Registers what the API needs beside an <see cref="IJobClient"/>; before the engine, see <see cref="StopNotice"/>.</summary>
    public static IServiceCollection AddKreweApi(this IServiceCollection services)
    {
        services.AddSingleton<DeclaredNames>().AddSingleton<FlowResultReader>().AddSingleton<HttpBounds>().AddSingleton<StopNotice>().AddHostedService(provider => provider.GetRequiredService<StopNotice>());
        services.ConfigureHttpJsonOptions(static json =>
        {
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
            json.SerializerOptions.MaxDepth = MaxAnswerDepth;
        });
        return services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context => context.ProblemDetails.Detail ??= Describe(context));
    }

    /// <summary>Maps the API under <c>/api</c>.</summary>
    /// <returns>The group of all its routes.</returns>
    public static RouteGroupBuilder MapKreweApi(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup("/api");
        api.AddEndpointFilter<ProblemFilter>();
        api.MapJobs();
        api.MapJob();
        api.MapResults();
        api.MapFlows();
        api.MapFlow();
        api.MapSchedules();
        api.MapSchedule();
        api.MapQueues();
        api.MapWorkers();
        return api;
    }

    private static string Describe(ProblemDetailsContext context) => context.HttpContext.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {context.HttpContext.Request.Path}; /openapi/v1.json lists what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{context.HttpContext.Request.Path} does not take {context.HttpContext.Request.Method}; it takes {context.HttpContext.Response.Headers.Allow}.",
        StatusCodes.Status415UnsupportedMediaType => RequestBody.WrongType(context.HttpContext.Request),
        StatusCodes.Status500InternalServerError => "Something went wrong here; the silo's log has the details.",
        _ => "The request could not be served.",
    };
}
