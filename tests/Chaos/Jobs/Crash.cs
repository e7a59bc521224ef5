namespace Krewe.Chaos.Jobs;

/// <summary>A job that ends whatever process runs it.</summary>
[Job("chaos.crash", Priority = 9)]
internal sealed record Crash : IJob;

internal sealed class CrashHandler(ExecutionLedger ledger) : IJobHandler<Crash>
{
    public Task HandleAsync(Crash job, JobContext context, CancellationToken cancellationToken)
    {
        ledger.Start(context);
        Environment.FailFast($"Job {context.JobId} ends its process, as it is for.");
        return Task.CompletedTask;
    }
}
