using System.Globalization;
using Krewe.Schedules;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Krewe.Health;

/// <summary>Whether schedules fire: degraded, which is no reason to take the silo out, while an enabled one is overdue by more than a minute, nobody can look, or one of this silo's could not be declared.</summary>
internal sealed class ScheduleCheck(ScheduleSweep sweep) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        sweep.NotSweptFor > ScheduleSweep.OverdueAfter ? HealthCheckResult.Degraded(string.Create(CultureInfo.InvariantCulture, $"the schedules could not be looked after for {sweep.NotSweptFor.TotalSeconds:0} s; the log says why"))
        : sweep.FirstOverdue is { } first ? HealthCheckResult.Degraded(string.Create(CultureInfo.InvariantCulture, $"{sweep.OverdueCount} schedules are overdue by more than {ScheduleSweep.OverdueAfter.TotalSeconds:0} s, the first of them '{first}'; the log says why"))
        : sweep.NotSown is [var left, ..] and { Count: var count } ? HealthCheckResult.Degraded(string.Create(CultureInfo.InvariantCulture, $"{count} schedules of this silo could not be declared, the first of them '{left}'; the log says why"))
        : HealthCheckResult.Healthy());
}
