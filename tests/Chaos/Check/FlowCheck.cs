using Krewe.Chaos.Jobs;

namespace Krewe.Chaos.Check;

/// <summary>Draws the verdict on chords from what was written down. Pure.</summary>
internal static class FlowCheck
{
    internal static FlowVerdict Of(Evidence evidence)
    {
        var chords = evidence.Executions.Where(execution => ChordJobs.Have(execution.JobId)).ToList();
        var completed = chords.Where(execution => execution.End == ExecutionEnd.Completed).ToLookup(execution => execution.JobId);
        var cut = chords.Where(execution => IsMet(execution, evidence.Strikes)).Select(execution => execution.JobId).ToHashSet();
        return new FlowVerdict
        {
            Acknowledged = evidence.Flows.Count,
            Succeeded = evidence.Flows.Count(flow => flow.State == JobState.Succeeded),
            Members = evidence.Flows.Sum(flow => Of(flow, ChordPart.Member).Count(completed.Contains)),
            BodiesOnce = evidence.Flows.Count(flow => Of(flow, ChordPart.Body).Any(body => completed[body].Count() == 1)),
            BodiesAgain = evidence.Flows.Count(flow => Of(flow, ChordPart.Body).Any(body => completed[body].Count() > 1)),
            Lost = [.. from flow in evidence.Flows let why = WhyLost(flow, completed) where why is not null select $"{flow.FlowId} {why}"],
            Wrong = [.. from flow in evidence.Flows let why = WhyWrong(flow, completed) where why is not null select $"{flow.FlowId} {why}"],
            MembersMet = evidence.Flows.Sum(flow => Of(flow, ChordPart.Member).Count(cut.Contains)),
            BodiesMet = evidence.Flows.Sum(flow => Of(flow, ChordPart.Body).Count(cut.Contains)),
            Fenced = evidence.Fenced.Count(ChordJobs.Have),
        };
    }

    private static IEnumerable<string> Of(FlowAcknowledgement flow, ChordPart part) => flow.Jobs.Where(job => job.Part == part).Select(job => job.JobId);

    private static bool IsMet(HandlerRun execution, IEnumerable<Strike> strikes) =>
        strikes.Any(strike => strike.ProcessId == execution.ProcessId && execution.StartedAt < strike.At && !(execution.EndedAt <= strike.At));

    private static string? WhyLost(FlowAcknowledgement flow, ILookup<string, HandlerRun> completed)
    {
        var open = flow.Jobs.Where(job => job.Part != ChordPart.Error && !completed.Contains(job.JobId)).ToList();
        return flow.State switch
        {
            null => "is unknown",
            { } state when !state.IsFinal() => $"is {state}; not completed: {Text(open)}",
            JobState.Succeeded when open.Count > 0 => $"succeeded without {Text(open)}",
            _ => null,
        };
    }

    private static string? WhyWrong(FlowAcknowledgement flow, ILookup<string, HandlerRun> completed)
    {
        var ended = flow.Jobs.Where(job => job.Part != ChordPart.Error).Select(job => job.JobId).ToList();
        return flow switch
        {
            { State: null } => null,
            { State: { } state } when !state.IsFinal() => null,
            { State: not JobState.Succeeded and { } state } => $"is {state}",
            { Result: null } => "has no result",
            { Result: { } result } when !result.SequenceEqual(flow.Expected) => $"has a body that received [{string.Join(", ", result)}], expected [{string.Join(", ", flow.Expected)}]",
            _ when Of(flow, ChordPart.Error).FirstOrDefault(completed.Contains) is { } error => $"succeeded, and its callback for errors {error} ran",
            _ when !flow.Ends.Order().SequenceEqual(ended.Order()) => $"told of {flow.Ends.Count} ends, of {flow.Ends.Distinct().Count()} jobs, expected {ended.Count}; missing: {string.Join(", ", ended.Except(flow.Ends))}",
            _ => null,
        };
    }

    private static string Text(IEnumerable<ChordJob> jobs) => string.Join(", ", jobs.Select(job => $"{job.JobId} ({job.Part}, {job.State})"));
}
