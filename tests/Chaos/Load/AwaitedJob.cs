using Krewe.Chaos.Check;
using Krewe.Chaos.Jobs;

namespace Krewe.Chaos.Load;

/// <summary>A job that was acknowledged and whose end is waited for from then on, as a caller would.</summary>
internal sealed class AwaitedJob(JobHandle handle, IJob job, TimeSpan at, CancellationToken stop)
{
    internal TimeSpan At => at;

    /// <summary>Ends with the job's final state.</summary>
    internal Task<JobState> Ended { get; } = handle.WaitAsync(cancellationToken: stop);

    /// <summary>What became of the job by what its waiter was told; null: it was told nothing yet.</summary>
    internal Acknowledgement? SoFar => Ended.IsCompletedSuccessfully ? Acknowledged with { State = Ended.Result } : null;

    private Acknowledgement Acknowledged => new(handle.Id, at, (job as Work)?.Failures ?? 0) { IsCrash = job is Crash };

    /// <summary>What became of the job: what its waiter was told, else what the store says.</summary>
    internal async Task<Acknowledgement> SettleAsync(IJobClient jobs, CancellationToken cancellationToken) => SoFar ?? Acknowledged with
    {
        State = (await jobs.GetHandle(handle.Id).GetInfoAsync(cancellationToken))?.State,
        WaitProblem = Ended.Exception?.InnerException?.ToString().ReplaceLineEndings(" ") ?? "no answer",
    };
}
