namespace Krewe.Shop.Orders;

/// <summary>A mail that was handed over.</summary>
/// <param name="MessageId">The mail's Message-Id, the same for every attempt of one job.</param>
/// <param name="Target">The mail server, or the file that was written instead.</param>
public sealed record EmailReceipt(string MessageId, string Target);
