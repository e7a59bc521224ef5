using Krewe.Shop.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Krewe.Silo.Tests.Shop.Webhooks;

public sealed class SendPendingWebhooksHandlerTests : IDisposable
{
    private readonly ShopFolder _shop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Handle_WhenAPartnerTakesSome_LeavesTheRestForTheNextRound()
    {
        var keys = new List<string>();
        await using var partner = await PartnerAsync(request =>
        {
            keys.Add(request.Headers["Idempotency-Key"]!);
            return request.Headers["Idempotency-Key"] == "b" && keys.Count < 4 ? 503 : 200;
        });
        var (outbox, url) = (_shop.Get<WebhookOutbox>(), new Uri($"{partner.Urls.First()}/hook"));
        foreach (var name in (string[])["a", "b"])
        {
            await outbox.AddAsync(name, url, new { name }, Cancellation);
        }

        await outbox.AddAsync("c", new Uri("http://127.0.0.1:9/nobody"), new { }, Cancellation);
        var first = await RunAsync();
        await outbox.AddAsync("a", url, new { again = true }, Cancellation); // It was sent: there is nothing more to say.
        var second = await RunAsync();
        var third = await RunAsync();

        Assert.Equal([new WebhookSummary(1, 2), new WebhookSummary(0, 2), new WebhookSummary(1, 1)], [first, second, third]);
        Assert.Equal(["a", "b", "b", "b"], keys);
        Assert.Equal(["webhooks/pending/c.json", "webhooks/sent/a.json", "webhooks/sent/b.json"], _shop.Files());
    }

    private Task<WebhookSummary> RunAsync() => _shop.Make<SendPendingWebhooksHandler>().HandleAsync(new SendPendingWebhooks(), new ShopContext(), Cancellation);

    private static async Task<WebApplication> PartnerAsync(Func<HttpRequest, int> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var partner = builder.Build();
        partner.Urls.Add("http://127.0.0.1:0");
        partner.MapPost("/hook", (HttpRequest request) => Results.StatusCode(answer(request)));
        await partner.StartAsync(Cancellation);
        return partner;
    }
}
