using System.Diagnostics.Metrics;
using Krewe.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Krewe.Grains.Tests.Diagnostics;

public sealed class JobsMetricsTests
{
    [Fact]
    public void Histograms_OfDurations_TellMillisecondsApart()
    {
        using var services = new ServiceCollection().AddMetrics().AddSingleton<JobsMetrics>().BuildServiceProvider();
        var own = services.GetRequiredService<IMeterFactory>(); // A listener hears of the meters of all tests that run meanwhile.
        var durations = new List<Histogram<double>>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => durations.AddRange(instrument.Meter.Scope == own && instrument is Histogram<double> { Unit: "s" } found ? [found] : []) };
        listener.Start();

        services.GetRequiredService<JobsMetrics>();

        Assert.NotEmpty(durations);
        Assert.All(durations, histogram => Assert.Contains(0.001, histogram.Advice!.HistogramBucketBoundaries!));
    }
}
