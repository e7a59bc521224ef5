namespace Krewe.Chaos.Jobs;

/// <summary>A job of the steady load.</summary>
/// <param name="Milliseconds">How long its handler takes, 0 or more.</param>
/// <param name="Failures">Attempts that fail before one succeeds, 0..<see cref="Work.MaxFailures"/>.</param>
[Job("chaos.work", MaxRetries = Work.MaxFailures, RetryDelaySeconds = 0.2)]
internal sealed record Work(int Milliseconds, int Failures) : IJob
{
    internal const int MaxFailures = 2;
}

/// <summary>Notes its start and its end. Stops when its token fires.</summary>
internal sealed class WorkHandler(ExecutionLedger ledger) : IJobHandler<Work>
{
    public async Task HandleAsync(Work job, JobContext context, CancellationToken cancellationToken)
    {
        var line = await ledger.WorkAsync(context, job.Milliseconds, cancellationToken);
        var isFailure = context.Attempt <= job.Failures;
        ledger.End(line, isFailure ? ExecutionEnd.Failed : ExecutionEnd.Completed);
        if (isFailure)
        {
            throw new InvalidOperationException($"Attempt {context.Attempt} fails, as the job says.");
        }
    }
}
