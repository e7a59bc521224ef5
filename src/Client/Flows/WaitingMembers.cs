using Krewe.Jobs;
using Krewe.Queues;

namespace Krewe.Flows;

/// <summary>Members of flows whose turn has not come, or will not come any more. They have no record: their ids lead to the flow, which knows them.</summary>
/// <remarks>Only ids that the flow made do so, <c>&lt;flow&gt;.&lt;index&gt;</c>; a step with an id of its own is unknown until its turn.</remarks>
internal sealed class WaitingMembers(FlowGrains grains)
{
    /// <summary>Whether a job's id may be a member's.</summary>
    internal static bool CanBe(string jobId) => JobIds.TryParse(jobId, out _, out _, out var id) && FlowIds.TryParseMember(id, out _, out _);

    /// <summary>What the flow knows of a job that has no record.</summary>
    /// <param name="jobId">A full id.</param>
    /// <param name="insists">Whether to ask until somebody answers.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null: it is no member of a flow. Its state is Running between the moment its turn came and the moment it ends, also while its record is being made.</returns>
    internal async Task<WaitingMember?> FindAsync(string jobId, bool insists, CancellationToken cancellationToken)
    {
        if (!JobIds.TryParse(jobId, out var queue, out _, out var id) || !FlowIds.TryParseMember(id, out var flowId, out var index))
        {
            return null;
        }

        var nodes = await AskAsync(flowId, grain => grain.GetNodesAsync(index), insists, cancellationToken).ConfigureAwait(false);
        return nodes is [{ } node, ..] && node.JobId == jobId && await AskAsync(flowId, static grain => grain.GetInfoAsync(), insists, cancellationToken).ConfigureAwait(false) is { } flow
            ? new WaitingMember(node, queue, flow)
            : null;
    }

    /// <summary>Waits until more jobs of the flow have ended than were seen, at most 8 seconds.</summary>
    /// <param name="flowId">The flow.</param>
    /// <param name="seen">How many ends were seen.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many are seen now.</returns>
    internal async Task<int> AwaitEndsAsync(string flowId, int seen, CancellationToken cancellationToken) =>
        await grains.AwaitAsync(flowId, grain => grain.AwaitEndsAsync(seen), cancellationToken).ConfigureAwait(false) is { } ends ? seen + ends.Jobs.Length : seen;

    private Task<T> AskAsync<T>(string flowId, Func<IChordGrain, Task<T>> call, bool insists, CancellationToken cancellationToken) =>
        insists ? grains.InsistAsync(flowId, call, cancellationToken) : grains.AskAsync(flowId, call, RetriedCall.ReadBudget, cancellationToken);
}

/// <summary>A member as its flow knows it.</summary>
/// <param name="Node">The member.</param>
/// <param name="Queue">The queue that its id names.</param>
/// <param name="Flow">Its flow.</param>
internal sealed record WaitingMember(FlowNode Node, string Queue, FlowInfo Flow)
{
    /// <summary>Whether it may still come to have a record.</summary>
    internal bool IsAwaited => Node.State is JobState.Waiting or JobState.Running;

    /// <summary>How many jobs of the flow have ended, at the least.</summary>
    internal int Ended => Flow.Counts.Succeeded + Flow.Counts.Failed + Flow.Counts.Expired;

    /// <summary>The member as a job; null: it has ended, and its record was removed.</summary>
    internal JobInfo? Info() => IsAwaited || Node.State == JobState.Cancelled
        ? new JobInfo
        {
            Id = Node.JobId!,
            Name = Node.JobName ?? "",
            Queue = Queue,
            State = Node.State == JobState.Cancelled ? JobState.Cancelled : JobState.Waiting,
            EnqueuedAt = Flow.CreatedAt,
            FinishedAt = Node.State == JobState.Cancelled ? Flow.FinishedAt : null,
            ParentId = Flow.ParentId,
            FlowId = Flow.Id,
            Reason = Node.State switch
            {
                JobState.Cancelled => CancelReason,
                JobState.Waiting => $"Its turn in the flow '{Flow.Id}' has not come.",
                _ => $"The flow '{Flow.Id}' is enqueueing it.",
            },
        }
        : null;

    /// <summary>How it ended where its turn did not come.</summary>
    internal JobEnding Ending() => new() { JobId = Node.JobId!, State = JobState.Cancelled, Reason = CancelReason };

    private string CancelReason => Flow switch
    {
        { Reason: { } reason } => reason,
        { Error: { } error } => $"Its turn in the flow '{Flow.Id}' will not come: '{error.JobId}' did not succeed ({error.ErrorType}: {error.Message}).",
        _ => $"Its turn in the flow '{Flow.Id}' will not come: a member before it did not succeed.",
    };
}
