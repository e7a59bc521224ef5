namespace Krewe.Shop.Webhooks;

/// <summary>Tells partners what they were not told yet.</summary>
[Job("webhooks.send_pending", Queue = "default", MaxRetries = 0, SoftTimeLimitSeconds = 240, TimeLimitSeconds = 290)]
public sealed record SendPendingWebhooks : IJob<WebhookSummary>;

/// <summary>What came of a round.</summary>
/// <param name="SentCount">Webhooks that a partner took.</param>
/// <param name="LeftCount">Webhooks that wait for the next round.</param>
public sealed record WebhookSummary(int SentCount, int LeftCount);
