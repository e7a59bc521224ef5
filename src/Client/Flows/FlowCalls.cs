using System.Globalization;
using System.Runtime.CompilerServices;
using Krewe.Definitions;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Waits;

namespace Krewe.Flows;

/// <summary>What handles of flows do: asks the flow's grain, and turns endings into results and exceptions.</summary>
internal sealed class FlowCalls(FlowGrains grains, JobCalls jobs, QueueDirectory queues, TimeProvider time)
{
    internal const int MaxListed = 200;

    /// <summary>A page of flows, newest first.</summary>
    /// <exception cref="InvalidJobException">The limit is out of its range, or the cursor is none.</exception>
    internal async Task<FlowPage> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        var violations = new Violations("");
        violations.Range("Limit", limit, 1, MaxListed, "read further pages with the cursor.");
        if (violations.Sentences is [var violation])
        {
            throw new InvalidJobException(violation);
        }

        return await RetriedCall.ForRead(time)
            .RunAsync(asked => queues.Catalogue.ListFlowsAsync(asked.After, asked.Limit), (After: after, Limit: limit), cancellationToken).ConfigureAwait(false);
    }

    internal Task<FlowInfo?> GetInfoAsync(string flowId, CancellationToken cancellationToken) =>
        grains.AskAsync(flowId, static grain => grain.GetInfoAsync(), RetriedCall.ReadBudget, cancellationToken);

    internal async IAsyncEnumerable<FlowNode> GetNodesAsync(string flowId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var from = 0;
        while (await grains.AskAsync(flowId, grain => grain.GetNodesAsync(from), RetriedCall.ReadBudget, cancellationToken).ConfigureAwait(false) is { Length: > 0 } page)
        {
            foreach (var node in page)
            {
                yield return node;
            }

            from += page.Length;
        }
    }

    internal Task<bool> CancelAsync(string flowId, string? reason, CancellationToken cancellationToken) =>
        grains.AskAsync(flowId, grain => grain.CancelAsync(reason), RetriedCall.WriteBudget, cancellationToken);

    internal Task<bool> RedriveAsync(string flowId, CancellationToken cancellationToken) =>
        grains.AskAsync(flowId, static grain => grain.RedriveAsync(), RetriedCall.WriteBudget, cancellationToken);

    internal async Task<JobState> WaitAsync(string flowId, TimeSpan? timeout, CancellationToken cancellationToken) =>
        (await EndingAsync(flowId, timeout, cancellationToken).ConfigureAwait(false)).State;

    internal async Task<T> GetResultAsync<T>(string flowId, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var info = await EndingAsync(flowId, timeout, cancellationToken).ConfigureAwait(false);
        if (info.State != JobState.Succeeded)
        {
            throw await FailureAsync(info, cancellationToken).ConfigureAwait(false);
        }

        var result = await FlowPages.ReadAsync(from => grains.AskAsync(flowId, grain => grain.ReadResultAsync(from), RetriedCall.ReadBudget, cancellationToken)).ConfigureAwait(false)
            ?? throw new ResultGoneException(flowId, isKnown: true, "flow");
        return result.Json.IsEmpty ? default! : JobCalls.Read<T>(flowId, result.Json.Span);
    }

    internal async IAsyncEnumerable<JobHandle> EndedMembersAsync(string flowId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = 0;
        while (await grains.AwaitAsync(flowId, grain => grain.AwaitEndsAsync(seen), cancellationToken).ConfigureAwait(false) is { } ends && !(ends.IsComplete && ends.Jobs.Length == 0))
        {
            foreach (var (jobId, _) in ends.Jobs)
            {
                yield return new ClientJobHandle(jobId, isExisting: true, jobs);
            }

            seen += ends.Jobs.Length;
        }
    }

    /// <summary>A known flow that is final.</summary>
    private async Task<FlowInfo> EndingAsync(string flowId, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        timeout = timeout == Timeout.InfiniteTimeSpan ? null : timeout;
        if (timeout < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, $"timeout must be 0 or more, got {timeout}; use null to wait for ever.");
        }

        var info = timeout == TimeSpan.Zero
            ? await GetInfoAsync(flowId, cancellationToken).ConfigureAwait(false)
            : await WaitForEndingAsync(flowId, timeout, cancellationToken).ConfigureAwait(false);
        return info is null ? throw new ResultGoneException(flowId, isKnown: false, "flow")
            : info.State.IsFinal() ? info
            : throw NotFinal(flowId, TimeSpan.Zero);
    }

    private async Task<FlowInfo?> WaitForEndingAsync(string flowId, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            return await UntilFinalAsync(flowId, end.Token).WaitAsync(ResultWaiter.Bounded(timeout), time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (timeout is not null)
        {
            throw NotFinal(flowId, timeout.Value);
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Calls of a few seconds, so that each follows the flow to where it is by then.</summary>
    private async Task<FlowInfo?> UntilFinalAsync(string flowId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var info = await grains.AwaitAsync(flowId, static grain => grain.AwaitAsync(), cancellationToken).ConfigureAwait(false);
            if (info is null || info.State.IsFinal())
            {
                return info;
            }
        }
    }

    private async Task<KreweException> FailureAsync(FlowInfo info, CancellationToken cancellationToken) => info switch
    {
        { State: JobState.Failed, Error: { } error } => new JobFailedException(error.JobId, await ErrorAsync(error, info, cancellationToken).ConfigureAwait(false), info.Reason),
        { State: JobState.Failed } => new JobFailedException(info.Id, null, info.Reason, "flow"),
        { State: JobState.Expired } => new JobExpiredException(info.Error?.JobId ?? info.Id),
        { Reason: null, Error: { } error } => new JobCancelledException(error.JobId, error.Message),
        _ => new JobCancelledException(info.Id, info.Reason, "flow"),
    };

    /// <summary>The whole error with its stack while the member's record is there, else what the flow keeps of it.</summary>
    private async Task<JobError> ErrorAsync(FlowError error, FlowInfo info, CancellationToken cancellationToken)
    {
        var kept = new JobError(error.Attempt, error.ErrorType, error.Message, Stack: null, info.FinishedAt ?? info.CreatedAt, IsRetryable: false);
        try
        {
            var job = await jobs.GetInfoAsync(error.JobId, cancellationToken).ConfigureAwait(false);
            return job is { State: JobState.Failed, Errors: [.., var last] } && last.Type == error.ErrorType ? last : kept;
        }
        catch (StoreUnavailableException)
        {
            return kept;
        }
    }

    private static TimeoutException NotFinal(string flowId, TimeSpan timeout) => new(string.Create(
        CultureInfo.InvariantCulture, $"The flow '{flowId}' was not final within {timeout:c}; it goes on. Wait longer, or read its state with GetInfoAsync."));
}
