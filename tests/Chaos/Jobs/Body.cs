namespace Krewe.Chaos.Jobs;

/// <summary>A chord's body. Its result is what it received.</summary>
/// <param name="Milliseconds">How long its handler takes, 0 or more.</param>
[Job("chaos.body", Queue = ChordJobs.Queue, Priority = 9)]
internal sealed record Body(int Milliseconds) : IJob<int[]>, IReceives<int[]>;

/// <summary>Notes its start and its end. Stops when its token fires.</summary>
internal sealed class BodyHandler(ExecutionLedger ledger) : IJobHandler<Body, int[]>
{
    public async Task<int[]> HandleAsync(Body job, JobContext context, CancellationToken cancellationToken)
    {
        var line = await ledger.WorkAsync(context, job.Milliseconds, cancellationToken);
        ledger.End(line, ExecutionEnd.Completed);
        return context.Input<int[]>() ?? [];
    }
}
