using System.Net.Http.Json;

namespace Krewe.Shop.Refunds;

/// <summary>Speaks to the payment gateway.</summary>
/// <param name="http">A client whose base address is the gateway's.</param>
public sealed class PaymentGatewayClient(HttpClient http)
{
    /// <summary>Whether an address is configured.</summary>
    public bool HasGateway => http.BaseAddress is not null;

    /// <summary>Asks for a refund.</summary>
    /// <param name="refund">What to refund.</param>
    /// <param name="idempotencyKey">Two requests with the same key are one refund.</param>
    /// <param name="cancellationToken">Gives up; the refund may have been booked.</param>
    /// <returns>The gateway's answer, whatever its status; the caller disposes it.</returns>
    public async Task<HttpResponseMessage> RefundAsync(RefundPayment refund, string idempotencyKey, CancellationToken cancellationToken) =>
        await PostAsync("/refunds", JsonContent.Create(refund), idempotencyKey, cancellationToken);

    /// <summary>Asks for a payment.</summary>
    /// <param name="paymentId">The payment.</param>
    /// <param name="amount">How much, above 0, in euro.</param>
    /// <param name="idempotencyKey">Two requests with the same key are one charge.</param>
    /// <param name="cancellationToken">Gives up; the charge may have been booked.</param>
    /// <returns>The gateway's answer, whatever its status; the caller disposes it.</returns>
    public async Task<HttpResponseMessage> ChargeAsync(string paymentId, decimal amount, string idempotencyKey, CancellationToken cancellationToken) =>
        await PostAsync("/charges", JsonContent.Create(new { paymentId, amount }), idempotencyKey, cancellationToken);

    /// <summary>Asks what was taken for a payment.</summary>
    /// <param name="paymentId">The payment.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The gateway's answer, a list that may be empty; the caller disposes it.</returns>
    public async Task<HttpResponseMessage> ListChargesAsync(string paymentId, CancellationToken cancellationToken) =>
        await http.GetAsync(new Uri($"/charges?paymentId={Uri.EscapeDataString(paymentId)}", UriKind.Relative), cancellationToken);

    private async Task<HttpResponseMessage> PostAsync(string path, HttpContent content, string idempotencyKey, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await http.SendAsync(request, cancellationToken);
    }
}
