using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Krewe.Shop.Refunds;

namespace Krewe.Shop.Payments;

/// <summary>One call to the payment gateway, whose failures become the outcomes of the attempt: what passes is tried again, what stays fails the job.</summary>
/// <param name="gateway">The gateway.</param>
/// <param name="context">The attempt.</param>
/// <param name="time">The clock that a Retry-After date is compared with.</param>
internal sealed class GatewayCall(PaymentGatewayClient gateway, JobContext context, TimeProvider time)
{
    /// <summary>A gateway that asks for more is asked again after this.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>Calls, and reads the answer.</summary>
    /// <typeparam name="T">What a good answer holds.</typeparam>
    /// <param name="call">Sends the request.</param>
    /// <param name="cancellationToken">The attempt's token.</param>
    public async Task<T> RunAsync<T>(Func<Task<HttpResponseMessage>> call, CancellationToken cancellationToken)
    {
        if (!gateway.HasGateway)
        {
            throw context.Fail("Shop:GatewayUrl must be the payment gateway's address, got none; set it and redrive the job.");
        }

        try
        {
            using var answer = await call();
            if (!answer.IsSuccessStatusCode)
            {
                throw await RefusalAsync(answer, cancellationToken);
            }

            return await answer.Content.ReadFromJsonAsync<T>(cancellationToken) ?? throw new JsonException("The gateway's answer was null.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            throw context.Retry(cause: exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw context.Retry(cause: new TimeoutException("The payment gateway did not answer in time.", exception));
        }
    }

    /// <summary>429 and 5xx pass, and so does a timeout of the gateway's own; any other answer will be the same tomorrow.</summary>
    private async Task<Exception> RefusalAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var sentence = await SentenceAsync(answer, cancellationToken);
        var status = string.Create(CultureInfo.InvariantCulture, $"The payment gateway said {(int)answer.StatusCode}: {sentence}");
        return answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError
            ? context.Retry(Wait(answer.Headers.RetryAfter), new HttpRequestException(status, null, answer.StatusCode))
            : context.Fail(status);
    }

    /// <summary>What the gateway asks for, as seconds or as a date; null leaves the delay to the job's policy.</summary>
    private TimeSpan? Wait(RetryConditionHeaderValue? retryAfter)
    {
        var wait = retryAfter?.Delta ?? (retryAfter?.Date - time.GetUtcNow());
        return wait is { } asked ? TimeSpan.FromTicks(Math.Clamp(asked.Ticks, 0, LongestWait.Ticks)) : null;
    }

    /// <summary>The <c>detail</c> of a problem answer, else the status' own words.</summary>
    private static async Task<string> SentenceAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            if (problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("detail", out var detail) && detail.GetString() is { Length: > 0 } sentence)
            {
                return sentence;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // A proxy's page instead of the gateway's answer: the status has to do.
        }

        return answer.ReasonPhrase ?? "no reason given.";
    }
}
