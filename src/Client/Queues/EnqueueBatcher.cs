using System.Globalization;
using Krewe.Jobs;

namespace Krewe.Queues;

/// <summary>Group commit of one partition's enqueues: a lone job goes out at once, jobs that come while a call is under way travel together in the next.</summary>
/// <remarks>A second call runs beside the first only when it would carry a crowd, so that the owner is busy while answers are on their way. What waits while the store fails a call fails with it: a call
/// of its own would take as long again, and the caller is to know within 5 seconds.</remarks>
internal sealed class EnqueueBatcher(PartitionKey key, IQueueGrain grain, EnqueueBudget budget, TimeProvider time)
{
    internal const int MaxJobs = 256;
    internal const int MaxBytes = 1024 * 1024;

    private const int MaxCalls = 2;
    private const int Crowd = 32;
    private const int EnvelopeBytes = 256;

    private readonly Lock _gate = new();

    /// <summary>Held until a batch that was taken is on its way: of two calls side by side the second must not overtake the first.</summary>
    private readonly Lock _sending = new();
    private readonly Queue<PendingAdd> _waiting = new();
    private int _calls;

    /// <summary>Adds a job; completes when it is durable.</summary>
    /// <exception cref="StoreUnavailableException">Nobody answered; says whether the job may have been stored.</exception>
    internal Task<AddAnswer> AddAsync(NewJob job)
    {
        var pending = new PendingAdd(job, SizeOf(job));
        if (!budget.TryTake(pending.Bytes))
        {
            return Task.FromException<AddAnswer>(new StoreUnavailableException(string.Create(
                CultureInfo.InvariantCulture, $"{budget.MaxBytes / (1024 * 1024)} MiB of jobs wait in this process to be stored, as much as may. Nothing was stored; enqueue the job again when earlier calls have ended.")));
        }

        lock (_gate)
        {
            _waiting.Enqueue(pending);
            if (_calls > 0 && (_calls == MaxCalls || _waiting.Count < Crowd))
            {
                return pending.Task;
            }

            _calls++;
        }

        // On the pool, without the caller's context: its activity and its grain scheduler are not those of the jobs that follow.
        ThreadPool.UnsafeQueueUserWorkItem(static batcher => _ = batcher.SendAllAsync(), this, preferLocal: false);
        return pending.Task;
    }

    /// <summary>Adds jobs in calls of their own, one after the other, until the store fails one; per job its answer or its error, in order.</summary>
    internal async Task<(AddAnswer Answer, Exception? Error)[]> AddManyAsync(IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken)
    {
        var outcomes = new List<(AddAnswer, Exception?)>(jobs.Count);
        while (outcomes.Count < jobs.Count)
        {
            var batch = jobs.Skip(outcomes.Count).Take(CountThatFits(jobs, outcomes.Count)).ToArray();
            var call = RetriedCall.ForWrite(time);
            try
            {
                var answers = await call.RunAsync(grain.AddAsync, batch, cancellationToken).ConfigureAwait(false);
                outcomes.AddRange(answers.Select(answer => (answer, (Exception?)null)));
            }
            catch (OperationCanceledException exception)
            {
                outcomes.AddRange(batch.Select(job => (default(AddAnswer), (Exception?)GaveUp(exception, $"The job may have been stored as '{key.JobId(job.Id)}'."))));
                outcomes.AddRange(Enumerable.Repeat((default(AddAnswer), (Exception?)GaveUp(exception, "Nothing was stored.")), jobs.Count - outcomes.Count));
            }
            catch (Exception exception)
            {
                outcomes.AddRange(batch.Select(job => (default(AddAnswer), (Exception?)Explain(exception, call.MayHaveArrived, job))));
                if (exception is StoreUnavailableException)
                {
                    outcomes.AddRange(jobs.Skip(outcomes.Count).ToList().ConvertAll(job => (default(AddAnswer), (Exception?)Explain(exception, mayHaveArrived: false, job))));
                }
            }
        }

        return [.. outcomes];
    }

    private async Task SendAllAsync()
    {
        while (true)
        {
            var call = RetriedCall.ForWrite(time);
            PendingAdd[]? batch;
            Task<AddAnswer[]> added;
            lock (_sending)
            {
                batch = Take();
                if (batch is null)
                {
                    return;
                }

                added = call.RunAsync(grain.AddAsync, Array.ConvertAll(batch, pending => pending.Job));
            }

            try
            {
                var answers = await added.ConfigureAwait(false);
                for (var index = 0; index < batch.Length; index++)
                {
                    batch[index].SetResult(answers[index]);
                }
            }
            catch (Exception exception)
            {
                foreach (var pending in batch)
                {
                    pending.TrySetException(Explain(exception, call.MayHaveArrived, pending.Job));
                }

                if (exception is StoreUnavailableException)
                {
                    FailWaiting(exception);
                }
            }

            budget.Give(batch.Sum(static pending => pending.Bytes));
        }
    }

    private void FailWaiting(Exception exception)
    {
        PendingAdd[] waiting;
        lock (_gate)
        {
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var pending in waiting)
        {
            pending.TrySetException(Explain(exception, mayHaveArrived: false, pending.Job));
        }

        budget.Give(waiting.Sum(static pending => pending.Bytes));
    }

    private PendingAdd[]? Take()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _calls--;
                return null;
            }

            var batch = new List<PendingAdd>(Math.Min(_waiting.Count, MaxJobs));
            long bytes = 0;
            while (batch.Count < MaxJobs && _waiting.TryPeek(out var next) && ((bytes += next.Bytes) <= MaxBytes || batch.Count == 0))
            {
                batch.Add(_waiting.Dequeue());
            }

            return [.. batch];
        }
    }

    private static int CountThatFits(IReadOnlyList<NewJob> jobs, int from)
    {
        var count = 0;
        long bytes = 0;
        while (count < MaxJobs && from + count < jobs.Count && ((bytes += SizeOf(jobs[from + count])) <= MaxBytes || count == 0))
        {
            count++;
        }

        return count;
    }

    internal static int SizeOf(NewJob job) => job.Args.Length + EnvelopeBytes + (job.Headers is null ? 0 : 4 * job.Headers.Sum(header => header.Key.Length + header.Value.Length));

    private Exception Explain(Exception exception, bool mayHaveArrived, NewJob job)
    {
        if (exception is not StoreUnavailableException)
        {
            return exception;
        }

        if (!mayHaveArrived)
        {
            return new StoreUnavailableException($"{exception.Message} Nothing was stored; enqueue the job again later.", exception);
        }

        var jobId = key.JobId(job.Id);
        var repeat = job.UniqueKey is null ? $"EnqueueOptions.Id '{job.Id}'" : "the same UniqueKey";
        return new StoreUnavailableException($"{exception.Message} The job may have been stored as '{jobId}'; enqueue it again with {repeat}, which stores it once.", exception) { MaybeStoredIds = [jobId] };
    }

    private static OperationCanceledException GaveUp(OperationCanceledException exception, string whatIsKnown) => new($"Gave up waiting. {whatIsKnown}", exception, exception.CancellationToken);

    private sealed class PendingAdd(NewJob job, int bytes) : TaskCompletionSource<AddAnswer>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal NewJob Job => job;

        internal int Bytes => bytes;
    }
}
