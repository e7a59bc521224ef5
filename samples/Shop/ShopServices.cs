using Krewe.Shop.Films;
using Krewe.Shop.Orders;
using Krewe.Shop.Refunds;
using Krewe.Shop.Stock;
using Krewe.Shop.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Krewe.Shop;

/// <summary>Puts the shop into an application.</summary>
public static class ShopServices
{
    /// <summary>The answer time that the payment gateway is given, below the refund's soft limit.</summary>
    internal static readonly TimeSpan GatewayTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The answer time that a partner is given for a webhook.</summary>
    private static readonly TimeSpan PartnerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Registers everything that the shop's handlers are built from. Calling it twice is harmless.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets options; stronger than the configuration section <c>Shop</c>.</param>
    /// <returns>The same services.</returns>
    /// <remarks>The options are checked when the host starts, or where they are first read.</remarks>
    public static IServiceCollection AddShop(this IServiceCollection services, Action<ShopOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.All(service => service.ServiceType != typeof(OrderBook)))
        {
            AddParts(services);
        }

        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services;
    }

    private static void AddParts(IServiceCollection services)
    {
        services.AddOptions<ShopOptions>()
            .Configure<IServiceProvider>((options, provider) => provider.GetService<IConfiguration>()?.GetSection(ShopOptions.Section).Bind(options))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<ShopOptions>, ShopOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<FilmCatalogue>();
        services.AddSingleton<OrderBook>();
        services.AddSingleton<StockRoom>();
        services.AddSingleton<WebhookOutbox>();
        services.AddHttpClient(SendPendingWebhooksHandler.ClientName, static http => http.Timeout = PartnerTimeout).RemoveAllLoggers();
        services.AddTransient<SmtpEmailSender>();
        services.AddTransient<FolderEmailSender>();
        services.AddTransient<IEmailSender>(provider => string.IsNullOrWhiteSpace(provider.GetRequiredService<IOptions<ShopOptions>>().Value.Smtp.Host)
            ? provider.GetRequiredService<FolderEmailSender>()
            : provider.GetRequiredService<SmtpEmailSender>());
        services.AddHttpClient<PaymentGatewayClient>((provider, http) =>
        {
            http.BaseAddress = provider.GetRequiredService<IOptions<ShopOptions>>().Value.GatewayUrl;
            http.Timeout = GatewayTimeout;
        }).RemoveAllLoggers();
    }
}
