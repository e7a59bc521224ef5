using System.Globalization;
using System.Text.Json;
using Krewe.Flows;
using Krewe.Queues;
using Krewe.Waits;

namespace Krewe.Jobs;

/// <summary>What handles do: finds a job's partition, asks its owner, and turns endings into results and exceptions.</summary>
internal sealed class JobCalls(QueueDirectory queues, ResultWaiter waiter, WaitingMembers members, TimeProvider time)
{
    internal async Task<JobInfo?> GetInfoAsync(string jobId, CancellationToken cancellationToken)
    {
        if (await ReadInfoAsync(jobId, cancellationToken).ConfigureAwait(false) is { } info)
        {
            return info;
        }

        // Between the two questions its turn may have come, or even its end.
        return await members.FindAsync(jobId, insists: false, cancellationToken).ConfigureAwait(false) is not { } member ? null
            : member.Node.State == JobState.Waiting ? member.Info()
            : await ReadInfoAsync(jobId, cancellationToken).ConfigureAwait(false) ?? member.Info();
    }

    internal Task<bool> CancelAsync(string jobId, string? reason, CancellationToken cancellationToken) =>
        AskAsync(jobId, (grain, id) => grain.CancelAsync(id, reason), false, RetriedCall.ForWrite(time), cancellationToken);

    internal Task<bool> RedriveAsync(string jobId, CancellationToken cancellationToken) =>
        AskAsync(jobId, static (grain, id) => grain.RedriveAsync(id), false, RetriedCall.ForWrite(time), cancellationToken);

    internal Task<bool> ForgetAsync(string jobId, CancellationToken cancellationToken) =>
        AskAsync(jobId, static (grain, id) => grain.ForgetAsync(id), false, RetriedCall.ForWrite(time), cancellationToken);

    internal async Task<JobState> WaitAsync(string jobId, TimeSpan? timeout, CancellationToken cancellationToken) =>
        (await EndingAsync(jobId, timeout, cancellationToken).ConfigureAwait(false)).State;

    internal async Task<T> GetResultAsync<T>(string jobId, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var ending = await EndingAsync(jobId, timeout, cancellationToken).ConfigureAwait(false);
        if (ending.IsResultElsewhere)
        {
            ending = await ReadEndingAsync(jobId, cancellationToken).ConfigureAwait(false) ?? throw new ResultGoneException(jobId, isKnown: true);
        }

        return ending switch
        {
            { IsKnown: false } => throw new ResultGoneException(jobId, isKnown: true),
            { State: JobState.Failed } => throw new JobFailedException(jobId, ending.Error, ending.Reason),
            { State: JobState.Cancelled } => throw new JobCancelledException(jobId, ending.Reason),
            { State: JobState.Expired } => throw new JobExpiredException(jobId),
            { IsResultGone: true } => throw new ResultGoneException(jobId, isKnown: true),
            { Result: null } => default!,
            _ => Read<T>(jobId, ending.Result),
        };
    }

    /// <summary>Reads a result. Null, which is also what a step without a result hands on, reads as every type: as its default.</summary>
    /// <exception cref="ResultTypeException">It does not fit.</exception>
    internal static T Read<T>(string jobId, ReadOnlySpan<byte> result)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(result, KreweJson.Results)!;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            return result.SequenceEqual("null"u8) ? default! : throw new ResultTypeException(jobId, typeof(T), exception);
        }
    }

    /// <summary>How a known job ended.</summary>
    private async Task<JobEnding> EndingAsync(string jobId, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        timeout = timeout == Timeout.InfiniteTimeSpan ? null : timeout;
        if (timeout < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, $"timeout must be 0 or more, got {timeout}; use null to wait for ever.");
        }

        var started = time.GetTimestamp();
        var ending = timeout == TimeSpan.Zero
            ? await ReadEndingAsync(jobId, cancellationToken).ConfigureAwait(false) ?? throw NotFinal(jobId, TimeSpan.Zero)
            : await WaitForEndingAsync(jobId, timeout, cancellationToken).ConfigureAwait(false);
        if (ending is { IsKnown: false } && WaitingMembers.CanBe(jobId))
        {
            ending = await MemberEndingAsync(jobId, timeout, started, cancellationToken).ConfigureAwait(false);
        }

        return ending is { IsKnown: true } ? ending : throw new ResultGoneException(jobId, isKnown: false);
    }

    /// <summary>How a member of a flow ended that had no record when its owner was asked; null: it is not known.</summary>
    private async Task<JobEnding?> MemberEndingAsync(string jobId, TimeSpan? timeout, long started, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var left = timeout is { } whole ? TimeSpan.FromTicks(Math.Max(0, (whole - time.GetElapsedTime(started)).Ticks)) : default(TimeSpan?);
            return timeout == TimeSpan.Zero
                ? await UntilMemberEndsAsync(jobId, isPatient: false, end.Token).ConfigureAwait(false)
                : await UntilMemberEndsAsync(jobId, isPatient: true, end.Token).WaitAsync(ResultWaiter.Bounded(left), time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (timeout is not null)
        {
            throw NotFinal(jobId, timeout.Value);
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Asks the flow and the owner in turn whenever jobs of the flow have ended, at most once a second.</summary>
    /// <remarks>While the job waits for its turn its owner knows nothing of it, so there is no end to be told of.</remarks>
    private async Task<JobEnding?> UntilMemberEndsAsync(string jobId, bool isPatient, CancellationToken cancellationToken)
    {
        var seen = 0;
        for (var delay = RetriedCall.FirstDelay; ; delay = RetriedCall.Next(delay))
        {
            if (await members.FindAsync(jobId, isPatient, cancellationToken).ConfigureAwait(false) is not { } member)
            {
                return null;
            }

            if (member.IsAwaited && isPatient)
            {
                seen = await members.AwaitEndsAsync(member.Flow.Id, Math.Max(seen, member.Ended), cancellationToken).ConfigureAwait(false);
            }

            // The owner was asked before the flow: one that ended in between has a record by now. One without had its record removed, or its turn never came.
            var ending = isPatient ? await WaitForEndingAsync(jobId, null, cancellationToken).ConfigureAwait(false) : await ReadEndingAsync(jobId, cancellationToken).ConfigureAwait(false);
            if (ending is { IsKnown: true })
            {
                return ending;
            }

            if (ending is null || (member.IsAwaited && !isPatient))
            {
                throw NotFinal(jobId, TimeSpan.Zero);
            }

            if (!member.IsAwaited)
            {
                return member.Node.State == JobState.Cancelled ? member.Ending() : null;
            }

            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<JobEnding?> WaitForEndingAsync(string jobId, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        try
        {
            var (route, id) = await FindAsync(jobId, cancellationToken).AsTask().WaitAsync(ResultWaiter.Bounded(timeout), time, cancellationToken).ConfigureAwait(false);
            if (route is null)
            {
                return new JobEnding { JobId = jobId, IsKnown = false };
            }

            return await waiter.WaitAsync(route, id, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (timeout is not null)
        {
            throw NotFinal(jobId, timeout.Value);
        }
    }

    private Task<JobInfo?> ReadInfoAsync(string jobId, CancellationToken cancellationToken) =>
        AskAsync(jobId, static (grain, id) => grain.GetInfoAsync(id), default(JobInfo?), RetriedCall.ForRead(time), cancellationToken);

    private Task<JobEnding?> ReadEndingAsync(string jobId, CancellationToken cancellationToken) =>
        AskAsync(jobId, static (grain, id) => grain.GetEndingAsync(id), new JobEnding { JobId = jobId, IsKnown = false }, RetriedCall.ForRead(time), cancellationToken);

    private async Task<T> AskAsync<T>(string jobId, Func<IQueueGrain, string, Task<T>> call, T whenUnknown, RetriedCall repeated, CancellationToken cancellationToken)
    {
        var (route, id) = await FindAsync(jobId, cancellationToken).ConfigureAwait(false);
        if (route is null)
        {
            return whenUnknown;
        }

        try
        {
            return await repeated.RunAsync(asked => call(asked.Grain, asked.Id), (route.Grain, Id: id), cancellationToken).ConfigureAwait(false);
        }
        catch (UnknownQueueException)
        {
            return whenUnknown;
        }
    }

    private async ValueTask<(PartitionRoute? Route, string Id)> FindAsync(string jobId, CancellationToken cancellationToken)
    {
        return JobIds.TryParse(jobId, out var queue, out var partition, out var id)
            ? (await queues.FindAsync(queue, partition, cancellationToken).ConfigureAwait(false), id)
            : (null, jobId);
    }

    private static TimeoutException NotFinal(string jobId, TimeSpan timeout) => new(string.Create(
        CultureInfo.InvariantCulture, $"The job '{jobId}' was not final within {timeout:c}; it goes on. Wait longer, or read its state with GetInfoAsync."));
}
