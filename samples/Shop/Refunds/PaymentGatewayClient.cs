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
    public async Task<HttpResponseMessage> RefundAsync(RefundPayment refund, string idempotencyKey, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/refunds") { Content = JsonContent.Create(refund) };
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await http.SendAsync(request, cancellationToken);
    }
}
