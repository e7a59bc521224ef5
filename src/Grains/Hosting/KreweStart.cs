using Krewe.Definitions;
using Krewe.Diagnostics;
using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Queues;
using Krewe.Schedules;
using Krewe.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Krewe.Hosting;

/// <summary>What has to be right before a silo joins: options, handlers, store. Everything wrong with the first two is reported in one message.</summary>
internal sealed class KreweStart(IServiceProvider services, IOptions<KreweOptions> options, ILogger<KreweStart> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(KreweStart), ServiceLifecycleStage.First, StartAsync);

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (ConfigurationChecks.Of(options.Value).Concat(services.GetRequiredService<ScheduleSeeds>().Check()).ToList() is { Count: > 0 } violations)
        {
            throw new KreweOptionsException(string.Join(Environment.NewLine, violations));
        }

        var registry = services.GetRequiredService<HandlerRegistry>();
        var store = services.GetService<IJobStore>() ?? throw new KreweOptionsException("The silo has no job store; call UseSqlite(file) or UseRedis(connection) in AddKrewe.");
        await store.ConnectAsync(options.Value.WaitForStore, cancellationToken);
        await services.GetRequiredService<QueueCatalogue>().DeclareAllAsync();
        await store.DeclareNamesAsync([.. registry.Names]);
        Observe();
        Log.Started(logger, store.Kind, registry.Names.Count);
    }

    private void Observe()
    {
        var (metrics, worker, zombies, held) = (services.GetRequiredService<JobsMetrics>(), services.GetRequiredService<Worker>(), services.GetRequiredService<Zombies>(), services.GetRequiredService<HeldClaims>());
        metrics.Observe("krewe.job.running", "{job}", "Handlers that run on this silo now.", () => worker.RunningCount);
        metrics.Observe("krewe.job.zombies", "{handler}", "Abandoned handlers that have not ended.", () => zombies.Count);
        metrics.Observe("krewe.worker.slots", "{slot}", "Slots of this silo.", () => worker.Plan.Total);
        metrics.Observe("krewe.worker.held", "{claim}", "Claims that this silo holds, outcomes that wait to be recorded included.", () => held.Count);
    }
}
