using System.Globalization;
using System.Text;
using Krewe.Shop.Orders;
using Krewe.Shop.Outputs;
using Krewe.Shop.Payments;
using Microsoft.Extensions.Options;

namespace Krewe.Shop.Shipping;

/// <summary>Finds a carrier and writes the parcel's label.</summary>
/// <param name="orders">What was ordered.</param>
/// <param name="options">Where labels go.</param>
public sealed class ShipOrderHandler(OrderBook orders, IOptions<ShopOptions> options) : IJobHandler<ShipOrder, Parcel>
{
    /// <inheritdoc/>
    public async Task<Parcel> HandleAsync(ShipOrder job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(context);
        var payment = context.Input<PaymentReceipt>() ?? throw context.Fail($"Order '{job.OrderId}' must be paid before it is shipped; put TakePayment before ShipOrder.");
        var order = orders.Find(job.OrderId) ?? throw context.Fail($"The order id must not be blank, got '{job.OrderId}'; enqueue the flow with the id of an order.");
        var carrier = Carriers.For(job.Country) ?? throw context.Fail($"No carrier goes to '{job.Country}'.");
        var path = Path.Combine(options.Value.ShippingDirectory, $"{Uri.EscapeDataString(order.OrderId)}.txt");
        await AtomicFile.WriteAsync(path, (stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(Label(order, job.Country, carrier, payment)), token).AsTask(), cancellationToken);
        Log.Shipped(context.Logger, order.OrderId, carrier);
        return new Parcel(order.OrderId, carrier, path);
    }

    private static string Label(Order order, string country, string carrier, PaymentReceipt payment)
    {
        var label = new StringBuilder();
        label.Append(CultureInfo.InvariantCulture, $"{carrier} to {country.ToUpperInvariant()}\nOrder {order.OrderId}, paid by {payment.ChargeId}\n\n");
        foreach (var line in order.Lines)
        {
            label.Append(CultureInfo.InvariantCulture, $"{line.Quantity} × {line.Title}\n");
        }

        return label.ToString();
    }
}
