using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Krewe.Shop.Gateway;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Gateway;

public sealed class PaymentGatewayTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("krewe-gateway-").FullName;

    private string Ledger => Path.Combine(_folder, "books", "ledger.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Start_WhenTheLedgerHasRefunds_RepeatsTheirAnswers()
    {
        await using (var first = await StartAsync())
        {
            Assert.Equal(HttpStatusCode.Created, await RefundAsync(first, "key-1", "pay-1001"));
        }

        await File.AppendAllTextAsync(Ledger, """{"RefundId":"refund-pay-1002","Pay""", TestContext.Current.CancellationToken);
        await using var second = await StartAsync();

        Assert.Equal(HttpStatusCode.Created, await RefundAsync(second, "key-1", "pay-1001"));
        Assert.Equal(HttpStatusCode.Conflict, await RefundAsync(second, "key-2", "pay-1001"));
        Assert.Equal(HttpStatusCode.Created, await RefundAsync(second, "key-3", "pay-1002"));
        Assert.Equal(["pay-1001", "pay-1002"], second.Booked.Select(refund => refund.PaymentId));
        await second.DisposeAsync();
        Assert.Equal(2, (await File.ReadAllLinesAsync(Ledger, TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task Start_WhenTheLedgerIsNoLedger_SaysSo()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Ledger)!);
        await File.WriteAllTextAsync(Ledger, "not a ledger\n", TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(StartAsync);

        Assert.StartsWith($"The gateway's ledger must hold one refund a line, '{Ledger}' does not:", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refund_WhenTheKeyBelongsToAnother_IsRefused()
    {
        await using var gateway = await StartAsync();
        await RefundAsync(gateway, "key-1", "pay-1001");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, await RefundAsync(gateway, "key-1", "pay-1002"));
    }

    [Theory]
    [InlineData(null, """{"paymentId":"pay-1001","amount":1}""")]
    [InlineData("key", "not json")]
    [InlineData("key", "null")]
    public async Task Refund_WhenTheRequestIsIncomplete_IsAReadableProblem(string? key, string body)
    {
        await using var gateway = await StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Url, "/refunds")) { Content = new StringContent(body, null, "application/json") };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("A refund must have an Idempotency-Key header and a JSON body with paymentId and amount.", problem.GetProperty("detail").GetString());
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(gateway.Url.Host)));
    }

    private Task<PaymentGateway> StartAsync() => PaymentGateway.StartAsync(Ledger, TestContext.Current.CancellationToken);

    private static async Task<HttpStatusCode> RefundAsync(PaymentGateway gateway, string key, string paymentId)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Url, "/refunds")) { Content = JsonContent.Create(new { paymentId, amount = 1.5m }) };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
