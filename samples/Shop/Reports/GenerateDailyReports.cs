namespace Krewe.Shop.Reports;

/// <summary>Enqueues the reports of the day before the one on which its schedule was due.</summary>
[Job("reports.daily", Queue = "low", MaxRetries = 3)]
public sealed record GenerateDailyReports : IJob<string>;
