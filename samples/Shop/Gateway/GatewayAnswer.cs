using System.Net;

namespace Krewe.Shop.Gateway;

/// <summary>What the gateway says to one request.</summary>
internal sealed record GatewayAnswer(HttpStatusCode Status, string Detail = "", BookedRefund? Refund = null, int? RetryAfter = null)
{
    public static GatewayAnswer Booked(BookedRefund refund) => new(HttpStatusCode.Created, Refund: refund);

    public static GatewayAnswer Refused(HttpStatusCode status, string detail) => new(status, detail);
}
