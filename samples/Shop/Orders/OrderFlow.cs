using Krewe.Shop.Payments;
using Krewe.Shop.Refunds;
using Krewe.Shop.Shipping;
using Krewe.Shop.Stock;

namespace Krewe.Shop.Orders;

/// <summary>What becomes of an order: its films are reserved, it is paid, shipped and confirmed.</summary>
public static class OrderFlow
{
    /// <summary>The flow of an order.</summary>
    /// <param name="orderId">The order, as in the order book.</param>
    /// <param name="paymentId">The payment, as the gateway calls it.</param>
    /// <param name="country">Where it goes, ISO 3166, two letters.</param>
    /// <param name="email">The customer's address.</param>
    /// <remarks>
    /// An order that cannot be reserved, paid or shipped is undone: its films go back, and so does the money where any was taken. The confirmation stands outside of that:
    /// a parcel that is on its way is not called back because a mail was refused.
    /// </remarks>
    public static Chain<EmailReceipt> Of(string orderId, string paymentId, string country, string email) =>
        Chain.Of(
            Chain.Of(new ReserveStock(orderId))
                .Then(new TakePayment(orderId, paymentId))
                .Then(new ShipOrder(orderId, country))
                .OnError(new ReleaseStock(orderId))
                .OnError(new RefundOrder(orderId, paymentId)))
            .Then(new SendOrderConfirmation(orderId, email));
}
