using System.Text.Encodings.Web;
using System.Text.Json;

namespace Krewe.Load.Figures;

/// <summary>What one run says of one figure.</summary>
internal readonly record struct Reading(string Figure, double Value, string Unit);

/// <summary>A figure over all runs, as printed.</summary>
/// <param name="Workload">The figure's name.</param> <param name="Store">The store.</param> <param name="Value">The median of the runs, 4 digits.</param> <param name="Unit">Its unit.</param>
/// <param name="Runs">Runs.</param> <param name="Spread">(max − min) / median; 0 where the median is 0.</param> <param name="Machine">Where.</param>
internal sealed record Figure(string Workload, string Store, double Value, string Unit, int Runs, double Spread, string Machine)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The figures of some runs, in the order of the first run's readings.</summary>
    internal static IEnumerable<Figure> Of(string store, string machine, IEnumerable<Reading> readings) => readings
        .GroupBy(reading => (reading.Figure, reading.Unit))
        .Select(runs => Of(runs.Key.Figure, store, runs.Key.Unit, [.. runs.Select(reading => reading.Value)], machine));

    internal string ToJson() => JsonSerializer.Serialize(this, Json);

    private static Figure Of(string figure, string store, string unit, double[] values, string machine)
    {
        var median = Statistics.Median(values);
        var spread = median == 0 ? 0 : (values.Max() - values.Min()) / median;
        return new(figure, store, Statistics.Round(median), unit, values.Length, Math.Round(spread, 3), machine);
    }
}
