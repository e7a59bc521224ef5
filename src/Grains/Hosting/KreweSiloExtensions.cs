using Krewe.Diagnostics;
using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Flows;
using Krewe.Hosting;
using Krewe.Placement;
using Krewe.Queues;
using Krewe.Schedules;
using Krewe.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.GrainDirectory;
using Orleans.Runtime.Hosting;

namespace Krewe;

/// <summary>Adds the job engine to an Orleans silo.</summary>
public static class KreweSiloExtensions
{
    /// <summary>Room that a host needs beyond the drain: the grace of handlers, the recording of outcomes, and Orleans' own stop.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(45);

    /// <summary>Adds the job engine: queues, worker, upkeep, and an <see cref="IJobClient"/> for this process. Calling it again adds to the first.</summary>
    /// <param name="silo">The silo under construction.</param>
    /// <param name="configure">Chooses a store and registers handlers.</param>
    /// <returns>The silo.</returns>
    public static ISiloBuilder AddKrewe(this ISiloBuilder silo, Action<KreweBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(configure);
        var registered = silo.Services.FirstOrDefault(service => service.ServiceType == typeof(JobRegistrations))?.ImplementationInstance as JobRegistrations;
        var registrations = registered ?? new JobRegistrations();
        if (registered is null)
        {
            silo.Services.AddSingleton(registrations);
            AddEngine(silo);
        }

        configure(new KreweBuilder(silo, registrations));
        return silo;
    }

    private static void AddEngine(ISiloBuilder silo)
    {
        var services = silo.Services;
        services.AddKreweJobClient();
        services.AddJobExecution();
        services.AddMetrics();
        services.AddLogging(static logging => logging.AddFilter("Polly", LogLevel.Warning)); // Orleans places each job's grain through Polly, which tells of it twice at Information.
        services.AddSingleton<JobsMetrics>().AddSingleton<JobEvents>().AddSingleton<SiloIdentity>().AddSingleton<KreweStart>();
        services.AddSingleton<OwnerServices>().AddSingleton<ClearedLosses>().AddSingleton<LeavingSilos>().AddSingleton<OwnerMoves>().AddSingleton<StoreWatch>().AddSingleton<MembershipWatch>().AddSingleton<QueueCatalogue>().AddSingleton<IJobReads>(static provider => provider.GetRequiredService<IJobStore>()).AddSingleton<FlowServices>().AddSingleton<FlowNotices>().AddSingleton<FlowUpkeep>().AddSingleton(_ => new Random());
        services.AddSingleton<Worker>().AddSingleton<WorkerServices>().AddSingleton<HeldClaims>().AddSingleton<HandOver>().AddSingleton<Attempts>().AddSingleton<Jobs.JobGrains>().AddSingleton<ProgressRelay>().AddSingleton<Upkeep>();
        services.AddSingleton<IWorkerBell, WorkerBell>().AddSingleton<IAttemptCanceller, AttemptCanceller>().AddSingleton<IClaimJudge, ClaimJudge>().AddSingleton<IClaimKeepers, ClaimKeepers>();
        services.AddSingleton<IWorkerServices, WorkerServicesClient>();
        services.AddSingleton<ScheduleServices>().AddSingleton<ScheduleSeeds>().AddSingleton<ScheduleSweep>().AddSingleton<IOccurrenceSender, OccurrenceSender>().AddSingleton<IScheduleDefinitions, ScheduleDefinitions>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<ScheduleSweep>());
        services.TryAddSingleton<IParentedClients, ParentedClients>();
        services.TryAddSingleton<IFlowDoor, FlowDoor>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<KreweStart>());
        services.AddSingleton<Drain>().AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<Drain>()).AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, PoolGuard>();
        silo.AddGrainService<WorkerService>();
        silo.AddPlacementDirector<SiloInKeyStrategy, SiloInKeyDirector>();
        silo.AddPlacementDirector<StayingSilosStrategy, StayingSilosDirector>();
        silo.AddGrainDirectory(NoDirectory.Name, static (_, _) => new NoDirectory());
        services.AddOptions<HostOptions>().Configure<IOptions<KreweOptions>>(static (host, krewe) =>
        {
            var needed = krewe.Value.Drain + StopMargin;
            host.ShutdownTimeout = host.ShutdownTimeout < needed ? needed : host.ShutdownTimeout;
        });
        services.AddSingleton<IGrainDirectoryCache, LookUpCache>();
        services.Configure<GrainDirectoryOptions>(static options =>
        {
            options.CachingStrategy = GrainDirectoryOptions.CachingStrategyType.Custom;
            options.CacheSize = options.CacheSize == GrainDirectoryOptions.DEFAULT_CACHE_SIZE ? LookUpCache.DefaultSize : options.CacheSize;
        });
        services.Configure<ClusterOptions>(static options =>
        {
            options.ClusterId = options.ClusterId is null or "default" ? "krewe" : options.ClusterId;
            options.ServiceId = options.ServiceId is null or "default" ? "krewe" : options.ServiceId;
        });
    }
}
