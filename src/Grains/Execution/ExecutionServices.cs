using Krewe.Definitions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Krewe.Execution;

/// <summary>Registers what runs attempts.</summary>
internal static class ExecutionServices
{
    /// <summary>Adds the runner and its parts; harmless when called twice.</summary>
    /// <remarks>Expects from the host: <see cref="Hosting.JobRegistrations"/>, <see cref="JobCatalogue"/>, <see cref="IParentedClients"/>, options and logging. Resolving <see cref="HandlerRegistry"/> checks all handlers, so a host does it when it starts.</remarks>
    internal static IServiceCollection AddJobExecution(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new ArgsCodec(provider.GetRequiredService<IOptions<KreweOptions>>().Value.MaxPayloadBytes));
        services.TryAddSingleton<HandlerCollector>();
        services.TryAddSingleton<HandlerRegistry>();
        services.TryAddSingleton<Zombies>();
        services.TryAddSingleton<AttemptServices>();
        services.TryAddSingleton<JobRunner>();
        return services;
    }
}
