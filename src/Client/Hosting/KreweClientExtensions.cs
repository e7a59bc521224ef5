using Krewe.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Krewe;

/// <summary>Adds Krewe's client to a process that is no silo.</summary>
public static class KreweClientExtensions
{
    /// <summary>The name of the cluster and of the service where nothing else is said.</summary>
    internal const string DefaultClusterId = "krewe";

    /// <summary>A silo that died is no longer called after this long; Orleans' own default is a minute.</summary>
    private static readonly TimeSpan GatewayRefreshPeriod = TimeSpan.FromSeconds(3);

    /// <summary>Registers <see cref="IJobClient"/> and the Orleans client under it, which connects when the host starts.</summary>
    /// <param name="services">The process's services. Not those of a silo: <c>AddKrewe</c> registers the client there.</param>
    /// <param name="configure">Says how the cluster is found (<c>UseRedis</c> or <c>UseGateways</c>), and sets options.</param>
    /// <remarks>Options bind from the section <c>Krewe</c>. Calling it twice is harmless; the later call's settings win.</remarks>
    public static IServiceCollection AddKreweClient(this IServiceCollection services, Action<KreweClientBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var isFirst = !services.Any(service => service.ServiceType == typeof(JobClient));
        services.AddKreweJobClient();
        services.AddOrleansClient(client =>
        {
            if (isFirst)
            {
                AddDefaults(client);
            }

            configure(new KreweClientBuilder(client));
        });
        return services;
    }

    private static void AddDefaults(IClientBuilder client)
    {
        client.Services.AddOptions<ClusterOptions>().Configure<IServiceProvider>(static (options, provider) =>
        {
            var clusterId = provider.GetService<IConfiguration>()?[$"{KreweOptions.Section}:ClusterId"];
            options.ClusterId = string.IsNullOrWhiteSpace(clusterId) ? DefaultClusterId : clusterId;
            options.ServiceId = DefaultClusterId;
        });
        client.Configure<GatewayOptions>(static options => options.GatewayListRefreshPeriod = GatewayRefreshPeriod);
    }
}
