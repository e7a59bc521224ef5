using Krewe.Api;
using Krewe.Health;
using Krewe.Security;

namespace Krewe.Hosting;

/// <summary>What the silo serves over HTTP, whatever stands behind it.</summary>
internal static class SiloHttp
{
    public static void AddSiloHttp(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddKreweApi();
        builder.Services.AddHealthChecks();
        builder.Services.AddSiloTelemetry(builder.Configuration);
        builder.Services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Krewe";
            document.Info.Description = "Background jobs: enqueue them, follow them, steer them. Errors are RFC 9457 problem details whose detail is a sentence.";
            return Task.CompletedTask;
        }));
    }

    /// <summary>Puts up the gates, then the routes.</summary>
    /// <returns>The API's routes.</returns>
    public static RouteGroupBuilder UseSiloHttp(this WebApplication app, ApiKey? key)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseKreweGates(key);
        app.MapGet("/", () => new { name = "Krewe", api = "/openapi/v1.json", jobs = "/api/jobs", queues = "/api/queues", workers = "/api/workers", metrics = "/metrics", ready = "/health/ready", orleans = "/orleans" })
            .ExcludeFromDescription();
        app.MapKreweHealth();
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapOpenApi();
        return app.MapKreweApi();
    }
}
