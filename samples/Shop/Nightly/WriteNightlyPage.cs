namespace Krewe.Shop.Nightly;

/// <summary>Writes the figures of all genres as one page with a chart.</summary>
/// <param name="Day">The day that the page is of; names the file.</param>
[Job("reports.nightly", Queue = "low", MaxRetries = 1, SoftTimeLimitSeconds = 60)]
public sealed record WriteNightlyPage(DateOnly Day) : IJob<NightlySummary>, IReceives<GenreFigures[]>;
