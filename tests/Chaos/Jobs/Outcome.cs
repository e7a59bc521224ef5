namespace Krewe.Chaos.Jobs;

/// <summary>A callback of a chord: how it ended, as the engine tells it.</summary>
/// <param name="IsSuccess">Whether it is the one for success.</param>
[Job("chaos.outcome", Queue = ChordJobs.Queue, Priority = 9)]
internal sealed record Outcome(bool IsSuccess) : IJob;

/// <summary>Notes its start and its end.</summary>
internal sealed class OutcomeHandler(ExecutionLedger ledger) : IJobHandler<Outcome>
{
    public Task HandleAsync(Outcome job, JobContext context, CancellationToken cancellationToken)
    {
        ledger.End(ledger.Start(context), ExecutionEnd.Completed);
        return Task.CompletedTask;
    }
}
