using Krewe.Dispatch;
using Krewe.Execution;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Krewe.Health;

/// <summary>Whether this silo's worker takes jobs: not draining, and not more abandoned handlers than allowed.</summary>
internal sealed class WorkerCheck(Worker worker, Zombies zombies, IOptions<KreweOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(worker.IsDraining ? HealthCheckResult.Unhealthy("the worker is draining")
            : zombies.Count > options.Value.MaxZombies ? HealthCheckResult.Unhealthy($"{zombies.Count} abandoned handlers still run, more than MaxZombies ({options.Value.MaxZombies}); restart this silo")
            : HealthCheckResult.Healthy());
}
