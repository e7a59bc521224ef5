using Krewe.Chaos.Jobs;

namespace Krewe.Chaos.Check;

/// <summary>Draws the verdict on a run from what was written down. Pure.</summary>
internal static class LedgerCheck
{
    /// <summary>What a store that writes once a second may lose.</summary>
    internal static readonly TimeSpan LossWindow = TimeSpan.FromSeconds(1);

    internal static Verdict Of(Evidence evidence)
    {
        var runs = evidence.Executions.ToLookup(execution => execution.JobId);
        var missing = evidence.Acknowledged.Where(job => IsMissing(job, runs[job.JobId])).ToLookup(job => IsTakenByTheStore(job, evidence.StoreLosses), job => job.JobId);
        return new Verdict
        {
            Acknowledged = evidence.Acknowledged.Count,
            Finished = evidence.Acknowledged.Count(job => job.State?.IsFinal() is true),
            Lost = [.. missing[false]],
            LostWithTheStore = [.. missing[true]],
            Failed = [.. evidence.Acknowledged.Where(job => job is { IsCrash: false, State: JobState.Failed }).Select(job => job.JobId)],
            Unanswered = [.. evidence.Acknowledged.Where(job => job.WaitProblem is not null).Select(job => $"{job.JobId} {job.WaitProblem}")],
            Repeats = [.. runs.SelectMany(job => RepeatsOf([.. job.OrderBy(execution => execution.StartedAt)], evidence))],
            SpentAttempts = [.. evidence.Acknowledged.Where(job => runs[job.JobId].Any(execution => execution.Attempt > job.Failures + 1)).Select(job => job.JobId)],
            Fenced = evidence.Fenced,
            Flows = FlowCheck.Of(evidence),
            Recoveries = [.. evidence.Strikes.SelectMany(strike => RecoveriesOf(strike, evidence.Executions, runs))],
            Declarations = [.. evidence.Strikes.Where(strike => strike.Silo is not null && evidence.Deaths.ContainsKey(strike.Silo)).Select(strike => (strike.Fault, evidence.Deaths[strike.Silo!] - strike.At))],
        };
    }

    private static bool IsMissing(Acknowledgement job, IEnumerable<HandlerRun> executions) => job.State switch
    {
        JobState.Succeeded => !executions.Any(execution => execution.End == ExecutionEnd.Completed),
        { } state => !state.IsFinal(),
        null => true,
    };

    private static bool IsTakenByTheStore(Acknowledgement job, IReadOnlyList<TimeSpan> losses) =>
        job.State is null && losses.Any(loss => job.At <= loss && loss - job.At <= LossWindow);

    /// <summary>One repetition per execution that has a predecessor: the worst that holds for any of them.</summary>
    private static IEnumerable<Repeat> RepeatsOf(IReadOnlyList<HandlerRun> executions, Evidence evidence) =>
        from second in Enumerable.Range(1, Math.Max(0, executions.Count - 1))
        let worst = executions.Take(second).Select(first => new Repeat(KindOf(first, executions[second], evidence), first, executions[second])).MinBy(repeat => repeat.Kind)!
        where worst.Kind != RepeatKind.HandedOn
        select worst;

    private static RepeatKind KindOf(HandlerRun first, HandlerRun second, Evidence evidence)
    {
        var isMember = IsMember(first.Silo);
        var ranUntil = first.EndedAt ?? (evidence.Exits.TryGetValue(first.ProcessId, out var exit) ? exit : TimeSpan.MaxValue);
        return !IsMember(second.Silo)
            ? RepeatKind.ByZombie
            : second.StartedAt < ranUntil
            ? isMember ? RepeatKind.WhileAlive : RepeatKind.ByZombie
            : first.End switch
            {
                ExecutionEnd.Completed when isMember => RepeatKind.AfterItsEnd,
                ExecutionEnd.Failed or ExecutionEnd.Stopped => RepeatKind.HandedOn,
                _ => RepeatKind.AfterDeath,
            };

        bool IsMember(string silo) => !evidence.Deaths.TryGetValue(silo, out var lastSeen) || second.StartedAt <= lastSeen;
    }

    private static IEnumerable<(string Fault, TimeSpan Time)> RecoveriesOf(Strike strike, IEnumerable<HandlerRun> executions, ILookup<string, HandlerRun> runs) =>
        from struck in executions
        where struck.ProcessId == strike.ProcessId && struck.StartedAt < strike.At && !(struck.EndedAt <= strike.At)
        let next = runs[struck.JobId].Where(execution => execution.ProcessId != strike.ProcessId && execution.StartedAt > strike.At).MinBy(execution => execution.StartedAt)
        where next is not null
        select (strike.Fault, next.StartedAt - strike.At);
}
