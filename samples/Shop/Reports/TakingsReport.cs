namespace Krewe.Shop.Reports;

/// <summary>Writes what the films of the catalogue took, by genre, as a page and as a table.</summary>
/// <param name="Day">The day that the report is of; names the files.</param>
[Job("reports.takings", Queue = "low", MaxRetries = 1, SoftTimeLimitSeconds = 60, TimeLimitSeconds = 120)]
public sealed record TakingsReport(DateOnly Day) : IJob<TakingsSummary>;
