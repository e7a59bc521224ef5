using System.Net;
using System.Net.Http.Headers;
using Krewe.Shop.Gateway;
using Krewe.Shop.Refunds;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Refunds;

/// <summary>Against the real local gateway; what it never says comes from <see cref="Answering"/>.</summary>
public sealed class RefundPaymentHandlerTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

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
    public async Task Handle_WhenThePaymentIsKnown_RefundsIt()
    {
        var receipt = await RunAsync("pay-2026-11-23-1001");

        Assert.Equal(new RefundReceipt("refund-pay-2026-11-23-1001", "pay-2026-11-23-1001", 12.99m), receipt);
        Assert.Equal(new BookedRefund("refund-pay-2026-11-23-1001", "pay-2026-11-23-1001", 12.99m, "critical~0~refund"), Assert.Single(_gateway.Booked));
    }

    [Fact]
    public async Task Handle_WhenRunTwice_RefundsOnceAndGivesTheSameReceipt()
    {
        var first = await RunAsync("pay-2026-11-23-1001");

        var second = await RunAsync("pay-2026-11-23-1001");

        Assert.Equal(first, second);
        Assert.Single(_gateway.Booked);
        Assert.Equal(2, _gateway.RequestCount);
    }

    [Fact]
    public async Task Handle_WhenManyRunAtOnceWithOneKey_RefundsOnce()
    {
        var receipts = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RunAsync("pay-2026-11-23-1002")));

        Assert.Single(receipts.Distinct());
        Assert.Single(_gateway.Booked);
    }

    [Fact]
    public async Task Handle_WhenTheGatewayIsBusy_RetriesWhenItSays()
    {
        var retry = await Assert.ThrowsAsync<RetryJobException>(() => RunAsync("pay-2026-11-23-1003"));

        Assert.Equal(TimeSpan.FromSeconds(1), retry.Delay);
        Assert.Equal("The payment gateway said 429: Too many refunds at once.", retry.Message);
        Assert.Equal("pay-2026-11-23-1003", (await RunAsync("pay-2026-11-23-1003")).PaymentId);
    }

    [Fact]
    public async Task Handle_WhenTheGatewayIsDown_RetriesByThePolicy()
    {
        var retry = await Assert.ThrowsAsync<RetryJobException>(() => RunAsync("pay-2026-11-23-1007"));

        Assert.Null(retry.Delay);
        Assert.Equal("The payment gateway said 503: The bank does not answer.", retry.Message);
        Assert.Empty(_gateway.Booked);
    }

    [Fact]
    public async Task Handle_WhenTheAnswerWasLostAfterTheBooking_RefundsOnce()
    {
        await Assert.ThrowsAsync<RetryJobException>(() => RunAsync("pay-2026-11-23-1005"));
        Assert.Single(_gateway.Booked);

        var receipt = await RunAsync("pay-2026-11-23-1005");

        Assert.Equal(Assert.Single(_gateway.Booked).RefundId, receipt.RefundId);
    }

    [Theory]
    [InlineData("pay-2026-11-23-9001", "12.99", "The payment gateway said 404: There is no payment 'pay-2026-11-23-9001'.")]
    [InlineData("pay-2026-11-23-1009", "12.99", "The payment gateway said 402: The bank refuses to refund payment 'pay-2026-11-23-1009': the card has expired.")]
    [InlineData("pay-2026-11-23-1001", "0", "The payment gateway said 422: The amount must be above 0, got 0.")]
    public async Task Handle_WhenTheGatewayRefuses_FailsWithItsSentence(string payment, string amount, string sentence)
    {
        var failed = await Assert.ThrowsAsync<FailJobException>(() => RunAsync(payment, decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture)));

        Assert.Equal(sentence, failed.Message);
        Assert.Empty(_gateway.Booked);
    }

    [Fact]
    public async Task Handle_WhenAnotherJobRefundedThePayment_Fails()
    {
        await RunAsync("pay-2026-11-23-1001");

        var failed = await Assert.ThrowsAsync<FailJobException>(() => RunAsync("pay-2026-11-23-1001", jobId: "critical~0~another"));

        Assert.Equal("The payment gateway said 409: Payment 'pay-2026-11-23-1001' is refunded already.", failed.Message);
        Assert.Single(_gateway.Booked);
    }

    [Fact]
    public async Task Handle_WhenTheGatewayIsGone_Retries()
    {
        await _gateway.DisposeAsync();

        var retry = await Assert.ThrowsAsync<RetryJobException>(() => RunAsync("pay-2026-11-23-1001"));

        Assert.IsType<HttpRequestException>(retry.InnerException);
        Assert.Null(retry.Delay);
    }

    [Fact]
    public async Task Handle_WhenNoGatewayIsConfigured_FailsWithTheRemedy()
    {
        using var shop = new ShopFolder();

        var failed = await Assert.ThrowsAsync<FailJobException>(() => shop.Make<RefundPaymentHandler>().HandleAsync(new RefundPayment("pay-1001", 1), new ShopContext(), TestContext.Current.CancellationToken));

        Assert.Equal("Shop:GatewayUrl must be the payment gateway's address, got none; set it and redrive the job.", failed.Message);
    }

    [Theory]
    [InlineData(90, 90)]
    [InlineData(-30, 0)]
    [InlineData(86_400, 3_600)]
    public async Task Handle_WhenRetryAfterIsADate_WaitsUntilThen(int secondsFromNow, int delaySeconds)
    {
        using var busy = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        busy.Headers.RetryAfter = new RetryConditionHeaderValue(Now.AddSeconds(secondsFromNow));

        var retry = await Assert.ThrowsAsync<RetryJobException>(() => RunAsync(() => busy));

        Assert.Equal(TimeSpan.FromSeconds(delaySeconds), retry.Delay);
    }

    [Fact]
    public async Task Handle_WhenAProxyAnswersWithAPage_UsesTheStatus()
    {
        using var page = new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StringContent("<html>no</html>") };

        var failed = await Assert.ThrowsAsync<FailJobException>(() => RunAsync(() => page));

        Assert.Equal("The payment gateway said 403: Forbidden", failed.Message);
    }

    [Fact]
    public async Task Handle_WhenTheGatewayTakesTooLong_Retries()
    {
        var retry = await Assert.ThrowsAsync<RetryJobException>(() => RunAsync(() => throw new TaskCanceledException("timeout", new TimeoutException())));

        Assert.Equal("The payment gateway did not answer in time.", Assert.IsType<TimeoutException>(retry.InnerException).Message);
    }

    [Fact]
    public async Task Handle_WhenTheAttemptIsCancelled_EndsWithItsToken()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _shop.Make<RefundPaymentHandler>().HandleAsync(new RefundPayment("pay-1001", 1), new ShopContext(), cancel.Token));

        Assert.Empty(_gateway.Booked);
    }

    private Task<RefundReceipt> RunAsync(string payment, decimal amount = 12.99m, string jobId = "critical~0~refund") =>
        _shop.Make<RefundPaymentHandler>().HandleAsync(new RefundPayment(payment, amount), new ShopContext(jobId), TestContext.Current.CancellationToken);

    private static async Task<RefundReceipt> RunAsync(Func<HttpResponseMessage> answer)
    {
        using var transport = new Answering(answer);
        using var http = new HttpClient(transport) { BaseAddress = new Uri("http://gateway.example") };
        var handler = new RefundPaymentHandler(new PaymentGatewayClient(http), new FakeTimeProvider(Now));
        return await handler.HandleAsync(new RefundPayment("pay-1001", 1), new ShopContext(), TestContext.Current.CancellationToken);
    }

    private sealed class Answering(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer());
    }
}
