using Krewe.Storage;
using Krewe.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using Orleans.Persistence;

namespace Krewe;

/// <summary>Puts a silo on Redis.</summary>
public static class KreweRedisExtensions
{
    private const string GrainStorageName = "krewe";

    /// <summary>Keeps jobs, flows, schedules, grain state, reminders and the cluster's membership in Redis 7 or later, over one connection.</summary>
    /// <param name="builder">The silo's job engine.</param>
    /// <param name="configuration">A StackExchange.Redis string: <c>host:port[,password=…][,ssl=true]…</c>. Time limits of a call beyond 3.5 seconds are cut to that.</param>
    /// <param name="configure">Sets options; null: none.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="KreweException">The string cannot be read.</exception>
    /// <remarks>Redis must not evict (<c>maxmemory-policy noeviction</c>) and should keep an append-only file; the silo warns where it does not. Calling it twice keeps the first.</remarks>
    public static KreweBuilder UseRedis(this KreweBuilder builder, string configuration, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);
        RedisConnection.Parse(configuration);
        if (configure is not null)
        {
            builder.Services.Configure(configure);
        }

        if (builder.Services.Any(service => service.ServiceType == typeof(RedisConnection)))
        {
            return builder;
        }

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => new RedisConnection(
            configuration, services.GetRequiredService<IOptions<RedisStoreOptions>>(), services.GetRequiredService<ILogger<RedisConnection>>()));
        builder.Services.AddSingleton<IJobStore, RedisJobStore>();
        builder.Services.AddSingleton<IFlowStore, RedisFlowStore>();
        builder.Services.AddSingleton<IScheduleStore, RedisScheduleStore>();
        UseMembership(builder.Silo);
        UseStorage(builder.Silo);
        return builder;
    }

    /// <summary>Settings measured to notice a killed silo within 3 s and a hung one within 12 s, without false alarms on two cores.</summary>
    private static void UseMembership(ISiloBuilder silo)
    {
        silo.UseRedisClustering(_ => { });
        silo.Services.AddOptions<RedisClusteringOptions>().Configure<RedisConnection>((options, connection) =>
        {
            options.ConfigurationOptions = connection.Configuration;
            options.CreateMultiplexer = _ => connection.ShareAsync();
        });
        silo.Configure<EndpointOptions>(static options => options.AdvertisedIPAddress ??= System.Net.IPAddress.Loopback); // Silo ports have no authentication: another address is said in words, by ConfigureEndpoints.
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(2);
            options.MaxProbeTimeout = TimeSpan.FromSeconds(3);
            options.NumMissedProbesLimit = 3;
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });

        // The default directory deactivates busy grains of healthy silos whenever another one leaves.
#pragma warning disable ORLEANSEXP003
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        silo.Configure<GrainDirectoryOptions>(options => options.RangeLeaseDuration = TimeSpan.FromSeconds(9));
    }

    private static void UseStorage(ISiloBuilder silo)
    {
        silo.AddRedisGrainStorage(GrainStorageName, options => options.Configure<RedisConnection>(Share));
        silo.AddRedisGrainStorageAsDefault(options => options.Configure<RedisConnection>(Share));
        silo.UseRedisReminderService(_ => { });
        silo.Services.AddOptions<RedisReminderTableOptions>().Configure<RedisConnection>((options, connection) =>
        {
            options.ConfigurationOptions = connection.Configuration;
            options.CreateMultiplexer = _ => connection.ShareAsync();
        });
    }

    private static void Share(RedisStorageOptions options, RedisConnection connection)
    {
        options.ConfigurationOptions = connection.Configuration;
        options.CreateMultiplexer = _ => connection.ShareAsync();
        options.DeleteStateOnClear = true;
    }
}
