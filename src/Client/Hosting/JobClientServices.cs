using Krewe.Definitions;
using Krewe.Flows;
using Krewe.Inspection;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Schedules;
using Krewe.Waits;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace Krewe.Hosting;

/// <summary>Registers the client's parts, for a silo and for a process that is none.</summary>
internal static class JobClientServices
{
    /// <summary>Registers <see cref="IJobClient"/> and binds <see cref="KreweOptions"/>. Calling it twice is harmless; call it before anything configures the options in code.</summary>
    internal static IServiceCollection AddKreweJobClient(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(JobClient)))
        {
            return services;
        }

        services.AddOptions<KreweOptions>().Configure<IServiceProvider>(static (options, provider) =>
        {
            if (provider.GetService<IConfiguration>()?.GetSection(KreweOptions.Section) is { } section)
            {
                Bind(options, section);
            }
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KreweOptions>, KreweOptionsCheck>());
        services.Configure<ExceptionSerializationOptions>(static options =>
        {
            // Else a StoreUnavailableException with such an inner exception arrives as an error about a missing codec. A connection that Redis breaks is told by its sockets' library.
            options.SupportedNamespacePrefixes.Add("Krewe");
            options.SupportedNamespacePrefixes.Add("StackExchange");
            options.SupportedNamespacePrefixes.Add("Pipelines.Sockets");
        });
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<JobCatalogue>();
        services.TryAddSingleton<JobFactory>();
        services.TryAddSingleton<QueueDirectory>();
        services.TryAddSingleton<ResultWaiter>();
        services.TryAddSingleton<FlowGrains>();
        services.TryAddSingleton<WaitingMembers>();
        services.TryAddSingleton<JobCalls>();
        services.TryAddSingleton<FlowTypes>();
        services.TryAddSingleton<FlowParts>();
        services.TryAddSingleton<FlowCompiler>();
        services.TryAddSingleton<FlowSender>();
        services.TryAddSingleton<FlowCalls>();
        services.TryAddSingleton<EventWatcher>();
        services.TryAddSingleton<QueueInspector>();
        services.TryAddSingleton<WorkerInspector>();
        services.TryAddSingleton<ScheduleWriter>();
        services.TryAddSingleton<ScheduleClient>();
        services.TryAddSingleton<ClientServices>();
        services.AddSingleton(provider => new JobClient(provider.GetRequiredService<ClientServices>()));
        services.AddSingleton<IJobClient>(provider => provider.GetRequiredService<JobClient>());
        return services;
    }

    private static void Bind(KreweOptions options, IConfigurationSection section)
    {
        if (SectionChecks.Of(section) is { Count: > 0 } violations)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(KreweOptions), violations);
        }

        ScheduleSettingsReader.WithArgsAsText(section).Bind(options);
    }
}
