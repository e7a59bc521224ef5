using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Krewe.Hosting;

/// <summary>Metrics for <c>/metrics</c>, and for a collector where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one; traces only for a collector.</summary>
internal static class SiloTelemetry
{
    /// <summary>The standard variable that turns the OTLP exporter on.</summary>
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddSiloTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var hasCollector = !string.IsNullOrWhiteSpace(configuration[OtlpEndpoint]);
        var telemetry = services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter(KreweDiagnostics.MeterName, "Microsoft.Orleans", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel").AddPrometheusExporter();
            if (hasCollector)
            {
                metrics.AddOtlpExporter();
            }
        });
        if (hasCollector)
        {
            // Not Microsoft.Orleans.*: the runtime's own sources make a span per timer tick and four per activation.
            telemetry.WithTracing(traces => traces.AddSource(KreweDiagnostics.ActivitySourceName, "Microsoft.Orleans.Application").AddOtlpExporter());
        }
    }
}
