using System.Globalization;
using Krewe.Schedules;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Krewe.Health;

/// <summary>Whether schedules fire: degraded, which is no reason to take the silo out, while an enabled one is overdue by more than a minute.</summary>
internal sealed class ScheduleCheck(ScheduleSweep sweep) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(sweep.FirstOverdue is { } first
        ? HealthCheckResult.Degraded(string.Create(CultureInfo.InvariantCulture, $"{sweep.OverdueCount} schedules are overdue by more than {ScheduleSweep.OverdueAfter.TotalSeconds:0} s, the first of them '{first}'; the log says why"))
        : HealthCheckResult.Healthy());
}
