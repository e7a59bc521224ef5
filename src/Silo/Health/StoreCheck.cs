using Krewe.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Krewe.Health;

/// <summary>Whether the store answers.</summary>
internal sealed class StoreCheck(IJobStore store, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await store.PingAsync(either.Token).WaitAsync(either.Token);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is KreweException or TimeoutException || limit.IsCancellationRequested)
        {
            // The sentence of a store may name its host; the probe's caller needs no more than its kind.
            return HealthCheckResult.Unhealthy($"the store ({store.Kind}) does not answer");
        }
    }
}
