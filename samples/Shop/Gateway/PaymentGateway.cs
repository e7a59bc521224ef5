using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Krewe.Shop.Gateway;

/// <summary>A payment gateway to try payments and refunds against: HTTP on a free loopback port, with the bad days that real ones have.</summary>
/// <remarks>
/// It knows the payments <c>pay-…-1000</c> to <c>pay-…-1999</c>; another one is a 404. What it does depends on the last digit:
/// 3: the first request gets 429 with <c>Retry-After: 1</c>; 5: the refund is booked but the first answer is lost (503);
/// 7: the first request gets 503; 9: 402, the bank refuses; any other: 201.
/// A payment that is to be charged has the same bad days. The same idempotency key gets the same answer, and one payment is charged once and refunded once.
/// </remarks>
public sealed class PaymentGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GatewayLedger _ledger;
    private readonly GatewayLedger _charges;

    private PaymentGateway(WebApplication app, GatewayLedger ledger, GatewayLedger charges) => (_app, _ledger, _charges, Url) = (app, ledger, charges, new Uri(app.Urls.Single()));

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>The refunds that were booked, oldest first.</summary>
    public IReadOnlyList<BookedRefund> Booked => _ledger.Booked;

    /// <summary>The charges that were booked, oldest first.</summary>
    public IReadOnlyList<BookedCharge> Charges => [.. _charges.Booked.Select(BookedCharge.Of)];

    /// <summary>How many requests for refunds were answered, refusals included.</summary>
    public int RequestCount => _ledger.RequestCount;

    /// <summary>Starts a gateway.</summary>
    /// <param name="ledgerFile">Keeps the refunds over a restart, and the charges in a <c>.charges</c> file beside it; null: in memory only.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="InvalidOperationException">The ledger's file cannot be read.</exception>
    public static async Task<PaymentGateway> StartAsync(string? ledgerFile = null, CancellationToken cancellationToken = default)
    {
        var ledger = GatewayLedger.OfRefunds(ledgerFile);
        var charges = GatewayLedger.OfCharges(ledgerFile is null ? null : $"{ledgerFile}.charges");

        // Empty, so that neither the arguments nor the environment of the process around it (ASPNETCORE_URLS) reach this server.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();

        // The default lifetime listens to SIGTERM: the gateway would be gone while a draining silo still finishes its refunds.
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        var app = builder.Build();
        app.MapPost("/refunds", (RequestDelegate)(context => AnswerAsync(ledger, static refund => refund, context)));
        app.MapPost("/charges", (RequestDelegate)(context => AnswerAsync(charges, BookedCharge.Of, context)));
        app.MapGet("/charges", (RequestDelegate)(context => context.Response.WriteAsJsonAsync(charges.Booked.Where(charge => charge.PaymentId == context.Request.Query["paymentId"]).Select(BookedCharge.Of), context.RequestAborted)));
        await app.StartAsync(cancellationToken);
        return new PaymentGateway(app, ledger, charges);
    }

    /// <summary>Stops the gateway.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _ledger.Dispose();
        _charges.Dispose();
    }

    private static async Task AnswerAsync(GatewayLedger ledger, Func<BookedRefund, object> tell, HttpContext context)
    {
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        var request = await RequestAsync(context);
        var answer = key.Length == 0 || request is null
            ? GatewayAnswer.Refused(HttpStatusCode.BadRequest, $"A {ledger.Verb} must have an Idempotency-Key header and a JSON body with paymentId and amount.")
            : ledger.Answer(key, request);

        context.Response.StatusCode = (int)answer.Status;
        if (answer.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (answer.Refund is { } refund)
        {
            await context.Response.WriteAsJsonAsync(tell(refund), context.RequestAborted);
        }
        else
        {
            await context.Response.WriteAsJsonAsync(new { status = (int)answer.Status, detail = answer.Detail }, (System.Text.Json.JsonSerializerOptions?)null, "application/problem+json", context.RequestAborted);
        }
    }

    private static async Task<RefundRequest?> RequestAsync(HttpContext context)
    {
        try
        {
            return await context.Request.ReadFromJsonAsync<RefundRequest>(context.RequestAborted);
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Ends when its owner disposes it, not by signals.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
