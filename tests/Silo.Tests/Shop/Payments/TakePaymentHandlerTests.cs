using Krewe.Shop.Gateway;
using Krewe.Shop.Payments;
using Krewe.Shop.Refunds;
using Krewe.Shop.Stock;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Payments;

/// <summary>Against the real local gateway.</summary>
public sealed class TakePaymentHandlerTests : IAsyncLifetime
{
    private PaymentGateway _gateway = null!;
    private ShopFolder _shop = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await PaymentGateway.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        _shop = new ShopFolder(options => options.GatewayUrl = _gateway.Url);
    }

    public async ValueTask DisposeAsync()
    {
        _shop.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Take_WhenRunTwice_ChargesOnce()
    {
        var first = await TakeAsync("pay-1101");

        Assert.Equal(new PaymentReceipt("charge-pay-1101", "pay-1101", 12.5m), first);
        Assert.Equal(first, await TakeAsync("pay-1101"));
        Assert.Equal(new BookedCharge("charge-pay-1101", "pay-1101", 12.5m), Assert.Single(_gateway.Charges));
        Assert.Empty(_gateway.Booked);
    }

    [Fact]
    public async Task Take_WhenTheAnswerIsLost_ChargesOnceAllTheSame()
    {
        await Assert.ThrowsAsync<RetryJobException>(() => TakeAsync("pay-1105"));

        await TakeAsync("pay-1105");

        Assert.Single(_gateway.Charges);
    }

    [Fact]
    public async Task Take_WhenTheCardHasExpired_FailsWithTheGatewaysSentence() =>
        Assert.Equal("The payment gateway said 402: The bank refuses to charge payment 'pay-1109': the card has expired.", (await Assert.ThrowsAsync<FailJobException>(() => TakeAsync("pay-1109"))).Message);

    [Fact]
    public async Task Take_WhenNothingIsReserved_Fails() =>
        Assert.StartsWith("Order 'o' must be reserved", (await Assert.ThrowsAsync<FailJobException>(() => _shop.Make<TakePaymentHandler>().HandleAsync(new TakePayment("o", "pay-1101"), new ShopContext(), TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task RefundOrder_WhenItWasCharged_IsReplacedByTheRefundOfWhatWasTaken()
    {
        await TakeAsync("pay-1101");

        var replaced = await Assert.ThrowsAsync<ReplaceJobException>(() => RefundAsync("pay-1101"));

        Assert.Equal(new RefundPayment("pay-1101", 12.5m), replaced.Replacement);
    }

    [Fact]
    public async Task RefundOrder_WhenNothingWasCharged_HasNothingToDo() => Assert.Null(await RefundAsync("pay-1109"));

    [Fact]
    public async Task RefundOrder_WhenTheFlowWasCancelledAndNothingIsChargedYet_LooksAgainOnce()
    {
        var retry = await Assert.ThrowsAsync<RetryJobException>(() => RefundAsync("pay-1101", "Krewe.JobCancelledException"));

        Assert.Equal(RefundOrderHandler.LookAgainAfter, retry.Delay);
        Assert.Null(await RefundAsync("pay-1101", "Krewe.JobCancelledException", attempt: 2));
    }

    private Task<PaymentReceipt> TakeAsync(string payment) => _shop.Make<TakePaymentHandler>()
        .HandleAsync(new TakePayment("order", payment), new ShopContext("critical~0~take", new Reservation("order", [], 12.5m)), TestContext.Current.CancellationToken);

    private Task<RefundReceipt?> RefundAsync(string payment, string errorType = "Krewe.FailJobException", int attempt = 1) => _shop.Make<RefundOrderHandler>()
        .HandleAsync(new RefundOrder("order", payment), new ShopContext("critical~0~undo", new FlowError("a~0~b", "shipping.ship", errorType, "m", 1)) { AttemptNumber = attempt }, TestContext.Current.CancellationToken);
}
