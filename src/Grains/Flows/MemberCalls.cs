using Krewe.Dispatch;
using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Flows;

/// <summary>Carries out what a plan wants of its jobs: enqueues them, redrives them, cancels them; and asks the store how they stand.</summary>
/// <remarks>Everything here may be done twice: a job is enqueued under its fixed id, redriven only below the run it is wanted in, and cancelled as often as one likes.</remarks>
internal sealed class MemberCalls(FlowServices services)
{
    private const int FindAtATime = 500;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(5);

    /// <summary>Starts jobs, once each.</summary>
    /// <param name="flow">Their flow.</param>
    /// <param name="starts">Jobs that are to be enqueued, with the jobs that called for them.</param>
    /// <param name="isOwed">Whether they follow from something that was acknowledged, so that no limit may keep them out and it is tried until it succeeds; else the first failure is thrown.</param>
    /// <returns>Jobs that cannot be enqueued, and why.</returns>
    /// <exception cref="QueueFullException">A queue takes no new work.</exception>
    internal async Task<IReadOnlyList<(int Job, string Reason)>> StartAsync(OpenFlow flow, IReadOnlyList<(int Job, int Cause)> starts, bool isOwed)
    {
        if (starts.Count == 0)
        {
            return [];
        }

        var failed = await Task.WhenAll(starts.GroupBy(start => flow.PartitionOf(start.Job)).Select(async partition =>
        {
            var some = new List<(int, string)>();
            foreach (var batch in Batches(flow, partition, isOwed))
            {
                some.AddRange(await StartBatchAsync(flow, partition.Key, batch, isOwed)); // One after the other: a million jobs are not made at once.
            }

            return some;
        }));
        return [.. failed.SelectMany(static some => some)];
    }

    /// <summary>Cancels jobs that are enqueued; how they end is told like every other end. One that is not there yet is left to who starts it.</summary>
    internal async Task CancelAsync(OpenFlow flow, IReadOnlyList<int> jobs)
    {
        var reason = flow.CancelReason ?? "Another member of its group did not succeed.";
        foreach (var chunk in jobs.Chunk(EnqueueBatcher.MaxJobs))
        {
            await Task.WhenAll(chunk.Select(job => UntilDoneAsync(flow, isOwed: true, () => services.Grains.GetGrain<IQueueGrain>(flow.PartitionOf(job).ToString()).CancelAsync(flow.LastPartOf(job), reason))));
        }
    }

    /// <summary>Asks the store about jobs that are enqueued.</summary>
    /// <returns>Those that ended, with their run, and those that are not there or whose ids are other jobs'. Those that go on are left out.</returns>
    internal async Task<List<(int Job, JobState? End, int Run)>> FindAsync(OpenFlow flow, IReadOnlyList<int> jobs)
    {
        var found = new List<(int, JobState?, int)>();
        foreach (var partition in jobs.GroupBy(flow.PartitionOf))
        {
            foreach (var chunk in partition.Chunk(FindAtATime))
            {
                var stored = await services.Jobs.FindAsync(partition.Key, Array.ConvertAll(chunk, flow.LastPartOf));
                for (var i = 0; i < chunk.Length; i++)
                {
                    if (stored[i] is not { } job || (job.Record is { } known && known.FlowId != flow.Id))
                    {
                        found.Add((chunk[i], null, 0));
                    }
                    else if ((job.Place & JobPlace.Final) != 0)
                    {
                        found.Add(job.Record is { } record ? (chunk[i], record.State, record.Run) : (chunk[i], JobState.Failed, flow.Plan.Run));
                    }
                }
            }
        }

        return found;
    }

    /// <summary>Ends the job whose place a flow took; one that has ended otherwise, or is gone, stays so.</summary>
    internal async Task EndReplacedAsync(OpenFlow flow, string jobId, ReplacementEnd end)
    {
        if (!JobIds.TryParse(jobId, out var queue, out var partition, out var id))
        {
            return;
        }

        var grain = services.Grains.GetGrain<IDispatchGrain>(new PartitionKey(queue, partition).ToString());
        for (var delay = FirstDelay; !await UntilDoneAsync(flow, isOwed: true, () => grain.EndReplacedAsync(id, end)) && !flow.IsVoid; delay = Longer(delay))
        {
            await Task.Delay(delay, services.Time); // A short flow may end before the attempt that it was called by.
        }
    }

    /// <summary>Prolongs the lives of ended members' records, to so long from now at least.</summary>
    internal async Task KeepAsync(OpenFlow flow, TimeSpan atLeast)
    {
        foreach (var partition in flow.Plan.Ends.Distinct().GroupBy(flow.PartitionOf))
        {
            foreach (var chunk in partition.Chunk(EnqueueBatcher.MaxJobs))
            {
                await UntilDoneAsync(flow, isOwed: true, async () =>
                {
                    await services.Grains.GetGrain<IDispatchGrain>(partition.Key.ToString()).KeepForAsync(Array.ConvertAll(chunk, flow.LastPartOf), atLeast);
                    return true;
                });
                if (flow.IsVoid)
                {
                    return;
                }
            }
        }
    }

    private static IEnumerable<NewJob[]> Batches(OpenFlow flow, IEnumerable<(int Job, int Cause)> starts, bool isOwed)
    {
        var (batch, bytes) = (new List<NewJob>(), 0);
        foreach (var (job, cause) in starts)
        {
            var made = Make(flow, job, cause, isOwed);
            var size = EnqueueBatcher.SizeOf(made);
            if (batch.Count == EnqueueBatcher.MaxJobs || (batch.Count > 0 && bytes + size > EnqueueBatcher.MaxBytes))
            {
                yield return [.. batch];
                (batch, bytes) = ([], 0);
            }

            bytes += size;

            batch.Add(made);
        }

        if (batch.Count > 0)
        {
            yield return [.. batch];
        }
    }

    /// <summary>What is to be enqueued. A job that the plan no longer holds was enqueued before, so its record says the rest.</summary>
    private static NewJob Make(OpenFlow flow, int job, int cause, bool isOwed)
    {
        ref readonly var node = ref flow.Plan.At(job);
        var planned = node.Job ?? new NewJob { Id = flow.LastPartOf(job), Name = flow.Plan.Nodes.TextOf(node.Name), Args = [], Fingerprint = 0 };
        return planned with
        {
            FlowId = flow.Id,
            Member = job,
            Run = node.Run,
            HasInput = FlowInputs.HasInput(flow.Plan, job),
            ParentId = planned.ParentId ?? (cause < 0 ? null : flow.JobIdOf(cause)),
            IsOwed = isOwed || flow.Opened.IsOwed || flow.Opened.ReplacesId is not null, // Of a replacement: the job whose place it takes was acknowledged.
        };
    }

    private async Task<List<(int, string)>> StartBatchAsync(OpenFlow flow, PartitionKey partition, NewJob[] jobs, bool isOwed)
    {
        flow.Starting.UnionWith(jobs.Select(static job => job.Member));
        MemberAnswer[]? answers;
        try
        {
            answers = await UntilDoneAsync(flow, isOwed, () => services.Grains.GetGrain<IDispatchGrain>(partition.ToString()).StartMembersAsync(jobs));
        }
        finally
        {
            flow.Starting.ExceptWith(jobs.Select(static job => job.Member));
        }

        if (answers?.Contains(MemberAnswer.QueueFull) == true)
        {
            throw new QueueFullException(partition.Queue);
        }

        var failed = new List<(int, string)>();
        for (var i = 0; i < answers?.Length; i++)
        {
            if (answers[i] != MemberAnswer.Started)
            {
                Log.MemberNotStarted(services.Logger, flow.JobIdOf(jobs[i].Member), flow.Id, answers[i]);
                failed.Add((jobs[i].Member, answers[i] == MemberAnswer.Conflict ? "Its id belongs to another job." : "Its record is not there any more."));
            }
        }

        return failed;
    }

    private static TimeSpan Longer(TimeSpan delay) => delay * 2 < LastDelay ? delay * 2 : LastDelay;

    /// <summary>Repeats a call that is owed until it succeeds or the flow is read anew; default then.</summary>
    private async Task<T?> UntilDoneAsync<T>(OpenFlow flow, bool isOwed, Func<Task<T>> call)
    {
        for (var delay = FirstDelay; ; delay = Longer(delay))
        {
            try
            {
                return await call();
            }
            catch (Exception exception) when (isOwed && (exception is StoreUnavailableException || RetriedCall.IsTransient(exception)))
            {
                if (flow.IsVoid)
                {
                    return default;
                }

                Log.OwedLater(services.Logger, flow.Id, exception.Message);
                await Task.Delay(delay, services.Time);
            }
        }
    }
}
