using Krewe.Shop.Orders;

namespace Krewe.Shop.Reports;

/// <summary>Mails the shop's owner what the films took, and which reports the week has.</summary>
[Job("reports.digest", Queue = "low", MaxRetries = 5, SoftTimeLimitSeconds = 60)]
public sealed record SendWeeklyDigest : IJob<EmailReceipt>;
