using Krewe.Demo;
using Krewe.Security;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Dashboard;

namespace Krewe.Hosting;

/// <summary>Puts the silo program together.</summary>
internal static class SiloHost
{
    /// <summary>A builder whose configuration is, weakest first: <c>appsettings.json</c> of the working directory, environment variables, flags.</summary>
    /// <param name="settings">What the flags said, by configuration key.</param>
    public static WebApplicationBuilder CreateBuilder(IReadOnlyDictionary<string, string?> settings)
    {
        // Settings are read once. Watching for changes would watch the working directory with everything below it.
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Configuration.AddInMemoryCollection(settings);
        return builder;
    }

    /// <summary>Builds the application; everything that can be refused without starting is refused here.</summary>
    /// <exception cref="KreweException">A flag, a file or a port does not fit.</exception>
    public static WebApplication Build(WebApplicationBuilder builder, SiloFlags flags, DemoShop? demo)
    {
        builder.Configuration.AddInMemoryCollection(DurationSettings.Normalize(builder.Configuration));
        var key = flags.ApiKeyFile is { } file ? ApiKey.Load(file) : null;
        HttpPorts.RequireFree(flags.Urls);
        builder.WebHost.UseUrls([.. flags.Urls]);
        builder.Logging.AddSiloLogging(flags);
        builder.Services.TryAddSingleton(TimeProvider.System);
        demo?.AddTo(builder.Services);
        builder.AddSiloHttp();
        builder.AddSiloEngine(flags);

        var app = builder.Build();
        app.UseSiloHttp(key);
        app.MapOrleansDashboard("/orleans");
        Exposure.RequireProtected(BoundUrls(builder.Configuration, flags), key is not null, flags.AllowAnonymous, ((IEndpointRouteBuilder)app).DataSources);
        return app;
    }

    /// <summary>Starts it; where the web server cannot, or a signal comes first, the silo that has joined by then leaves as at any stop.</summary>
    /// <returns>Whether it serves; false: it was told to stop before.</returns>
    public static async Task<bool> StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
            return true;
        }
        catch (Exception)
        {
            var isToldToStop = app.Lifetime.ApplicationStopping.IsCancellationRequested;
            if (app.Services.GetRequiredService<ISiloStatusOracle>().CurrentStatus == SiloStatus.Active)
            {
                await app.StopAsync();
            }

            if (isToldToStop)
            {
                return false;
            }

            throw;
        }
    }

    /// <summary>Tells that the silo serves.</summary>
    public static void Announce(WebApplication app, SiloFlags flags)
    {
        app.Services.GetRequiredService<StartPhase>().End();
        var ports = app.Services.GetRequiredService<SiloPorts>();
        var urls = string.Join(' ', app.Urls);
        SiloLog.Ready(app.Logger, urls, flags.Data ?? "Redis", ports.Silo.Port, ports.Gateway.Port, flags.SiloAddress.ToString());
        if (flags.AllowAnonymous && app.Urls.Any(url => !Exposure.IsLoopback(url)))
        {
            SiloLog.Open(app.Logger, urls);
        }
    }

    // Kestrel's own section wins over --urls where somebody has written one.
    private static IEnumerable<string> BoundUrls(ConfigurationManager configuration, SiloFlags flags) =>
        flags.Urls.Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>());
}
