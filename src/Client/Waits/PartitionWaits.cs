using Krewe.Jobs;
using Krewe.Queues;

namespace Krewe.Waits;

/// <summary>The jobs of one partition that somebody in this process waits for.</summary>
/// <remarks>
/// One call to the owner at a time; what comes meanwhile travels in the next, at most 1,000 ids each. A call subscribes and then reads the states, so an
/// end is either in its answer or told to the observer. A call that fails is repeated until it succeeds or nobody waits any more; because calls go to the
/// grain's key, a repeated one reaches whoever owns the partition by then.
/// </remarks>
internal sealed class PartitionWaits(PartitionKey key, IQueueGrain grain, Lazy<IJobObserver> observer, TimeProvider time)
{
    internal const int MaxIds = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, JobWait> _waits = new(StringComparer.Ordinal);
    private readonly HashSet<string> _toAwait = new(StringComparer.Ordinal);
    private readonly HashSet<string> _toUnawait = new(StringComparer.Ordinal);
    private bool _isSending;

    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _waits.Count;
            }
        }
    }

    internal JobWait Join(string id)
    {
        lock (_gate)
        {
            if (!_waits.TryGetValue(id, out var wait))
            {
                _waits[id] = wait = new JobWait(id);
                _toUnawait.Remove(id);
                _toAwait.Add(id);
                StartSending();
            }

            wait.Waiters++;
            return wait;
        }
    }

    /// <summary>Takes the interest back when the last waiter gives up; best effort, since interest ends by itself.</summary>
    internal void Leave(JobWait wait)
    {
        lock (_gate)
        {
            if (--wait.Waiters > 0 || wait.Task.IsCompleted)
            {
                return;
            }

            _waits.Remove(wait.Id);
            _toAwait.Remove(wait.Id);
            _toUnawait.Add(wait.Id);
            StartSending();
        }
    }

    internal void Complete(string id, JobEnding ending) => Take(id)?.TrySetResult(ending);

    /// <summary>Asks the owner again about all jobs that are waited for.</summary>
    internal void Renew()
    {
        lock (_gate)
        {
            _toAwait.UnionWith(_waits.Keys);
            StartSending();
        }
    }

    private void StartSending()
    {
        if (_isSending || (_toAwait.Count == 0 && _toUnawait.Count == 0))
        {
            return;
        }

        _isSending = true;
        ThreadPool.UnsafeQueueUserWorkItem(static waits => _ = waits.SendAllAsync(), this, preferLocal: false);
    }

    private async Task SendAllAsync()
    {
        var delay = RetriedCall.FirstDelay;
        while (Next() is var (toAwait, toUnawait) && (toAwait.Length > 0 || toUnawait.Length > 0))
        {
            if (await SendAsync(toAwait, toUnawait).ConfigureAwait(false))
            {
                delay = RetriedCall.FirstDelay;
                continue;
            }

            await Task.Delay(delay, time).ConfigureAwait(false);
            delay = RetriedCall.Next(delay);
        }
    }

    private (string[] ToAwait, string[] ToUnawait) Next()
    {
        lock (_gate)
        {
            var next = (Drain(_toAwait), Drain(_toUnawait));
            _isSending = next.Item1.Length > 0 || next.Item2.Length > 0;
            return next;
        }
    }

    private static string[] Drain(HashSet<string> ids)
    {
        string[] drained = [.. ids.Take(MaxIds)];
        ids.ExceptWith(drained);
        return drained;
    }

    /// <summary>False: the ids to await are due again.</summary>
    private async Task<bool> SendAsync(string[] toAwait, string[] toUnawait)
    {
        try
        {
            if (toAwait.Length > 0)
            {
                await new AskedTwice(time).AskAsync(AwaitAsync, toAwait).ConfigureAwait(false);
            }

            if (toUnawait.Length > 0)
            {
                // A courtesy: owners forget who does not renew. It must not hold up those who wait.
                await grain.UnawaitAsync(toUnawait, observer.Value).WaitAsync(AskedTwice.Silence, time).ConfigureAwait(false);
            }

            return true;
        }
        catch (Exception exception) when (exception is StoreUnavailableException || RetriedCall.IsTransient(exception))
        {
            lock (_gate)
            {
                _toAwait.UnionWith(toAwait.Where(_waits.ContainsKey));
            }

            return false;
        }
        catch (Exception exception)
        {
            // Nothing that a repetition could mend: whoever waits must hear of it.
            foreach (var id in toAwait)
            {
                Fail(id, exception);
            }

            return true;
        }
    }

    /// <summary>Each answer counts: of two calls side by side only one may hear of an end.</summary>
    private async Task<bool> AwaitAsync(string[] ids)
    {
        var endings = await grain.AwaitAsync(ids, observer.Value).ConfigureAwait(false);
        for (var index = 0; index < ids.Length; index++)
        {
            if (endings[index] is { } ending)
            {
                Complete(ids[index], ending);
            }
        }

        return true;
    }

    private void Fail(string id, Exception exception)
    {
        if (exception is UnknownQueueException)
        {
            Complete(id, new JobEnding { JobId = key.JobId(id), IsKnown = false });
        }
        else
        {
            Take(id)?.TrySetException(exception);
        }
    }

    private JobWait? Take(string id)
    {
        lock (_gate)
        {
            _toAwait.Remove(id);
            return _waits.Remove(id, out var wait) ? wait : null;
        }
    }
}

/// <summary>One job that is waited for, by any number of callers.</summary>
internal sealed class JobWait(string id) : TaskCompletionSource<JobEnding>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    internal string Id => id;

    /// <summary>Callers that have not given up; read and written under the partition's lock.</summary>
    internal int Waiters { get; set; }
}
