namespace Krewe.Shop.Gateway;

/// <summary>What a caller asks the gateway for. The gateway's own words: it shares no type with its callers.</summary>
internal sealed record RefundRequest(string? PaymentId, decimal Amount);
