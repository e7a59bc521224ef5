using Krewe.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Krewe.Security;

/// <summary>The gates before every route but <c>/health</c>, which tells nothing and must answer probes that can show no key.</summary>
internal static class KreweGates
{
    /// <summary>The hosts under which the silo may be called beside its own addresses: an array, or a text separated by ';'.</summary>
    internal const string AllowedHosts = "AllowedHosts";

    /// <summary>Puts up the gates: host, other sites, key. Before the routes that they guard.</summary>
    public static void UseKreweGates(this WebApplication app, ApiKey? key)
    {
        var allowedHosts = new SettingReader(app.Configuration.GetSection(KreweOptions.Section)).List(AllowedHosts).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var server = app.Services.GetRequiredService<IServer>();
        var isLoopbackOnly = new Lazy<bool>(() => server.Features.Get<IServerAddressesFeature>()?.Addresses.All(Exposure.IsLoopback) != false);
        List<IGate> gates = [new HostGate(() => isLoopbackOnly.Value, allowedHosts), new CrossSiteGate(allowedHosts)];
        if (key is not null)
        {
            gates.Add(new KeyGate(key));
        }

        app.Use(async (http, next) =>
        {
            var problem = http.Request.Path.StartsWithSegments("/health") ? null : gates.Select(gate => gate.Refuse(http)).FirstOrDefault(refused => refused is not null);
            await (problem is null ? next(http) : problem.Answer(http).ExecuteAsync(http));
        });
    }
}
