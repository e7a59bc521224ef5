using System.Net;
using Krewe.Health;
using Krewe.Jobs;
using Krewe.Shop;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace Krewe.Hosting;

/// <summary>The job engine of the silo program: store, handlers, ports, dashboard.</summary>
internal static class SiloEngine
{
    private const int FirstSiloPort = 11111;
    private const int FirstGatewayPort = 30000;

    /// <summary>The same for every cluster, and for every client: it names what is stored, not who serves it.</summary>
    private const string ServiceId = "krewe";

    public static void AddSiloEngine(this WebApplicationBuilder builder, SiloFlags flags)
    {
        var assemblies = flags.Jobs.Select(HandlerAssemblies.Load).ToList();
        assemblies.ForEach(assembly => HandlerAssemblies.AddServices(assembly, builder.Services, builder.Configuration));
        var ports = new SiloPorts(
            PortClaim.Take(flags.SiloAddress, flags.SiloPort, FirstSiloPort, "--silo-port"),
            PortClaim.Take(flags.SiloAddress, flags.GatewayPort, FirstGatewayPort, "--gateway-port"));
        builder.Services.AddSingleton(_ => ports);
        builder.UseOrleans(silo =>
        {
            silo.AddKrewe(krewe =>
            {
                _ = flags.Redis is { } redis ? krewe.UseRedis(redis) : krewe.UseSqlite(flags.Data!);
                assemblies.ForEach(assembly => krewe.AddJobsFrom(assembly));
                if (flags.Demo)
                {
                    krewe.AddJobsFrom(typeof(ShopDay).Assembly);
                    foreach (var (id, recurrence, work, options) in ShopSchedules.All)
                    {
                        krewe.AddSchedule(id, recurrence, work, options);
                    }
                }

                krewe.Configure(flags.Apply);
            });
            Join(silo, flags, ports);
            // Every second would be half of what an idle silo costs.
            silo.AddDashboard(dashboard => (dashboard.HideTrace, dashboard.CounterUpdateIntervalMs) = (true, 5_000));
        });
        builder.Services.AddHealthChecks()
            .AddCheck<SiloCheck>("silo", tags: [HealthRoutes.Ready])
            .AddCheck<WorkerCheck>("worker", tags: [HealthRoutes.Ready])
            .AddCheck<StoreCheck>("store", tags: [HealthRoutes.Ready])
            .AddCheck<ScheduleCheck>("schedules", tags: [HealthRoutes.Ready]);
    }

    private static void Join(ISiloBuilder silo, SiloFlags flags, SiloPorts ports)
    {
        if (flags.Redis is null)
        {
            silo.UseLocalhostClustering();
        }

        // After the clustering: what the flags say wins over what it has chosen. A silo on a file is its own primary, so that two of them do not join.
        var endpoint = new IPEndPoint(flags.SiloAddress, ports.Silo.Port);
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (flags.ClusterId, ServiceId));
        silo.Configure<EndpointOptions>(endpoints =>
        {
            (endpoints.AdvertisedIPAddress, endpoints.SiloPort, endpoints.GatewayPort) = (flags.SiloAddress, ports.Silo.Port, ports.Gateway.Port);
            endpoints.SiloListeningEndpoint = endpoint;
            endpoints.GatewayListeningEndpoint = new IPEndPoint(flags.SiloAddress, ports.Gateway.Port);
        });
        silo.Configure<DevelopmentClusterMembershipOptions>(membership => membership.PrimarySiloEndpoint = endpoint);
    }
}

/// <summary>The ports of this silo, claimed for the life of the process.</summary>
internal sealed record SiloPorts(PortClaim Silo, PortClaim Gateway) : IDisposable
{
    public void Dispose()
    {
        Silo.Dispose();
        Gateway.Dispose();
    }
}
