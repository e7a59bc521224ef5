namespace Krewe;

/// <summary>The names under which Krewe reports traces and metrics; pass them to OpenTelemetry's <c>AddSource</c> and <c>AddMeter</c>.</summary>
public static class KreweDiagnostics
{
    /// <summary>The name of the activity source.</summary>
    public const string ActivitySourceName = "Krewe";

    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Krewe";
}
