using System.Text;

namespace Krewe.Shop.Webhooks;

/// <summary>Sends pending webhooks, one after the other. One that a partner does not take is left for the next round.</summary>
/// <remarks>A partner may be told twice, when the process dies between its answer and the note of it; the key says that it is the same.</remarks>
/// <param name="outbox">What is pending.</param>
/// <param name="partners">Speaks to partners.</param>
public sealed class SendPendingWebhooksHandler(WebhookOutbox outbox, IHttpClientFactory partners) : IJobHandler<SendPendingWebhooks, WebhookSummary>
{
    /// <summary>The name of the client that speaks to partners.</summary>
    internal const string ClientName = "webhooks";

    /// <inheritdoc/>
    public async Task<WebhookSummary> HandleAsync(SendPendingWebhooks job, JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var http = partners.CreateClient(ClientName);
        var (pending, sent) = (outbox.Pending(), 0);
        for (var number = 0; number < pending.Count; number++)
        {
            var webhook = pending[number];
            if (await IsTakenAsync(http, webhook, context, cancellationToken))
            {
                outbox.MarkSent(webhook);
                sent++;
            }

            context.ReportProgress(number + 1, pending.Count, "webhooks");
        }

        return new WebhookSummary(sent, pending.Count - sent);
    }

    private static async Task<bool> IsTakenAsync(HttpClient http, Webhook webhook, JobContext context, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new StringContent(webhook.Body.GetRawText(), Encoding.UTF8, "application/json") };
            request.Headers.Add("Idempotency-Key", webhook.Name);
            using var answer = await http.SendAsync(request, cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                Log.WebhookRefused(context.Logger, webhook.Name, (int)answer.StatusCode);
            }

            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Log.WebhookFailed(context.Logger, webhook.Name, exception.Message);
            return false;
        }
    }
}
