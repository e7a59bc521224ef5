namespace Krewe.Chaos.Jobs;

/// <summary>A job of a chord's header.</summary>
/// <param name="Value">Its result.</param>
/// <param name="Milliseconds">How long its handler takes, 0 or more.</param>
[Job("chaos.member", Queue = ChordJobs.Queue)]
internal sealed record Member(int Value, int Milliseconds) : IJob<int>;

/// <summary>Notes its start and its end. Stops when its token fires.</summary>
internal sealed class MemberHandler(ExecutionLedger ledger) : IJobHandler<Member, int>
{
    public async Task<int> HandleAsync(Member job, JobContext context, CancellationToken cancellationToken)
    {
        var line = await ledger.WorkAsync(context, job.Milliseconds, cancellationToken);
        ledger.End(line, ExecutionEnd.Completed);
        return job.Value;
    }
}
