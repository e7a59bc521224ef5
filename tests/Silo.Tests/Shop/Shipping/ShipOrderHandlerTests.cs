using Krewe.Shop.Payments;
using Krewe.Shop.Shipping;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Shipping;

public sealed class ShipOrderHandlerTests : IDisposable
{
    private static readonly PaymentReceipt Paid = new("charge-pay-1101", "pay-1101", 12.5m);

    private readonly ShopFolder _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Handle_WhenACarrierGoesThere_WritesALabel()
    {
        var parcel = await ShipAsync("de", Paid);

        Assert.Equal(("Deutsche Post", Path.Combine(_shop.Options.ShippingDirectory, "2026-11-23-1101.txt")), (parcel.Carrier, parcel.LabelFile));
        Assert.StartsWith("Deutsche Post to DE\nOrder 2026-11-23-1101, paid by charge-pay-1101\n\n1 × ", (await File.ReadAllTextAsync(parcel.LabelFile, TestContext.Current.CancellationToken)).Replace("2 × ", "1 × ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(parcel, await ShipAsync("de", Paid));
    }

    [Fact]
    public async Task Handle_WhenNoCarrierGoesThere_Fails()
    {
        Assert.Equal("No carrier goes to 'AQ'.", (await Assert.ThrowsAsync<FailJobException>(() => ShipAsync("AQ", Paid))).Message);
        Assert.Empty(_shop.Files());
    }

    [Fact]
    public async Task Handle_WhenTheOrderIsNotPaid_Fails() =>
        Assert.EndsWith("put TakePayment before ShipOrder.", (await Assert.ThrowsAsync<FailJobException>(() => ShipAsync("DE", null))).Message, StringComparison.Ordinal);

    private Task<Parcel> ShipAsync(string country, PaymentReceipt? paid) =>
        _shop.Make<ShipOrderHandler>().HandleAsync(new ShipOrder("2026-11-23-1101", country), new ShopContext(input: paid), TestContext.Current.CancellationToken);
}
