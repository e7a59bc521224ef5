using Krewe.Shop.Payments;

namespace Krewe.Shop.Shipping;

/// <summary>Sends a paid order to its customer.</summary>
/// <param name="OrderId">The order, as in the order book.</param>
/// <param name="Country">Where to, ISO 3166, two letters.</param>
[Job("shipping.ship", MaxRetries = 5, SoftTimeLimitSeconds = 30)]
public sealed record ShipOrder(string OrderId, string Country) : IJob<Parcel>, IReceives<PaymentReceipt>;
