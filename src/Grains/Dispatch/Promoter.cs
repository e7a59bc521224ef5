using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Dispatch;

/// <summary>Moves jobs whose instant has come to their lanes, ends those that expired, and brings parked ones back. One timer per partition, none per job.</summary>
/// <remarks>
/// The timer is armed for the earliest instant that is known; the store's order is the truth, and it is read again at every open. A promotion that is lost with
/// its owner is made by the next one, because the job still lies in Due. Nothing is armed while nothing waits. Jobs in a state that only a newer version knows are
/// left where they lie; a page is read so much longer as it had of them, so that they stand in nobody's way.
/// </remarks>
internal sealed class Promoter(PartitionOwner owner, PartitionFlow flow, Func<Func<Task>, IWakeTimer> newTimer)
{
    private const int PageSize = 256;
    private const int MaxLeftAlone = 4_096;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>The timer knows nothing of a clock that is set: no later than this it looks at the clock again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private IWakeTimer? _timer;
    private DateTimeOffset? _nextDue;
    private DateTimeOffset? _nextExpiry;
    private (int Due, int Expiring) _leftAlone;
    private bool _isRunning;
    private readonly HashSet<string> _unparking = [];

    /// <summary>Takes note of an instant that somebody waits for.</summary>
    public void Arm(DateTimeOffset at, bool isDue)
    {
        if (isDue && !(_nextDue <= at))
        {
            _nextDue = at;
            Rearm();
        }
        else if (!isDue && !(_nextExpiry <= at))
        {
            _nextExpiry = at;
            Rearm();
        }
    }

    /// <summary>Forgets the instants of an earlier epoch.</summary>
    public void Reset(DateTimeOffset? nextDue, DateTimeOffset? nextExpiry)
    {
        (_nextDue, _nextExpiry) = (nextDue, nextExpiry);
        Rearm();
    }

    /// <summary>Brings back the jobs parked under a name, oldest first.</summary>
    public async Task UnparkAsync(string name)
    {
        if (!_unparking.Add(name))
        {
            return;
        }

        try
        {
            var open = await owner.OpenAsync();
            while (await owner.Services.Store.ReadParkedAsync(owner.Key, name, PageSize) is { Count: > 0 } jobs)
            {
                var taken = await MoveAsync(open, jobs, JobPlace.Parked, job => JobTransitions.Unpark(job, open.NextPosition()), flow.Queued);
                if (taken == 0)
                {
                    break;
                }
            }

            open.Parked.Remove(name);
        }
        finally
        {
            _unparking.Remove(name);
        }
    }

    private void Rearm()
    {
        var next = _nextDue is { } due && _nextExpiry is { } expiry ? (due < expiry ? due : expiry) : _nextDue ?? _nextExpiry;
        if (_isRunning || next is not { } at)
        {
            return;
        }

        var wait = at - owner.Services.Now;
        (_timer ??= newTimer(WakeAsync)).Set(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait);
    }

    private async Task WakeAsync()
    {
        if (_isRunning)
        {
            return;
        }

        _isRunning = true;
        try
        {
            var open = await owner.OpenAsync();
            await PromoteAsync(open);
            await ExpireAsync(open);
        }
        catch (Exception exception)
        {
            // Whatever it was, jobs wait for their instants; either may have been taken off before the read that failed.
            Queues.Log.UpkeepFailed(owner.Services.Logger, owner.Key, exception.Message);
            _nextDue = _nextExpiry = owner.Services.Now + RetryDelay;
        }
        finally
        {
            _isRunning = false;
            Rearm();
        }
    }

    private async Task PromoteAsync(OwnedPartition open)
    {
        while (_nextDue <= owner.Services.Now)
        {
            var now = owner.Services.Now;
            _nextDue = null; // What is armed from here on counts, beside what the page says is left.
            var page = await owner.Services.Store.ReadDueAsync(owner.Key, now, PageSize + _leftAlone.Due);
            var taken = await MoveAsync(open, page.Jobs, JobPlace.Due, job => JobTransitions.Promote(job, open.NextPosition()), (partition, step) =>
            {
                owner.Services.Metrics.Promoted(owner.Key.Queue);
                flow.Queued(partition, step);
            });
            ArmFromPage(page, isDue: true);
            _leftAlone.Due = LeftAlone(page);
            if (taken == 0 && (_leftAlone.Due > 0 || _nextDue <= owner.Services.Now))
            {
                _nextDue = Later(_nextDue);
            }
        }
    }

    private async Task ExpireAsync(OwnedPartition open)
    {
        while (_nextExpiry <= owner.Services.Now)
        {
            var now = owner.Services.Now;
            _nextExpiry = null;
            var page = await owner.Services.Store.ReadExpiringAsync(owner.Key, now, PageSize + _leftAlone.Expiring);
            var taken = await MoveAsync(open, page.Jobs, JobPlace.Waiting, job => JobTransitions.Expire(job, now), flow.Ended);
            flow.TellWaiters();
            ArmFromPage(page, isDue: false);
            _leftAlone.Expiring = LeftAlone(page);
            if (taken == 0 && (_leftAlone.Expiring > 0 || _nextExpiry <= owner.Services.Now))
            {
                _nextExpiry = Later(_nextExpiry);
            }
        }
    }

    private static bool IsLeftAlone(StoredJob job) => job.Record is { State: var state } && !state.IsKnown();

    private static int LeftAlone(DuePage page) => Math.Min(page.Jobs.Count(IsLeftAlone), MaxLeftAlone);

    /// <summary>A page that held nothing to move is not read again at once.</summary>
    private DateTimeOffset? Later(DateTimeOffset? next) => owner.Services.Now + RetryDelay is var later && next < later ? later : next;

    private void ArmFromPage(DuePage page, bool isDue)
    {
        if (page.Next is not { } next)
        {
            return;
        }

        if (isDue)
        {
            _nextDue = _nextDue < next ? _nextDue : next;
        }
        else
        {
            _nextExpiry = _nextExpiry < next ? _nextExpiry : next;
        }
    }

    /// <summary>Commits one step per readable job (positions are taken and handed over without an await between) and buries the others.</summary>
    private async Task<int> MoveAsync(OwnedPartition open, IReadOnlyList<StoredJob> found, JobPlace from, Func<JobRecord, JobStep> step, Action<OwnedPartition, JobStep> settled)
    {
        var jobs = found.Where(job => !IsLeftAlone(job)).ToList();
        if (jobs.Count == 0)
        {
            return 0;
        }

        var steps = jobs.Select(job => job.Record is { } record ? step(record) : JobTransitions.Bury(job.Id, from, null, owner.Services.Options.FailureTtl)).ToList();
        var answers = await open.CommitAsync(steps);
        var taken = 0;
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i].Result == StepResult.Taken)
            {
                taken++;
                open.Left(answers[i].Place, jobs[i].Record?.Name ?? "");
                if (steps[i].Record is not null)
                {
                    open.Waiting += steps[i].To == JobPlace.Ready ? 1 : 0;
                    settled(open, steps[i]);
                }
            }
        }

        flow.Ring(open);
        return taken;
    }
}

/// <summary>A timer of the grain that rings once for each <see cref="Set"/>.</summary>
internal interface IWakeTimer : IDisposable
{
    /// <summary>Rings after this long, instead of whenever it was set to before.</summary>
    void Set(TimeSpan after);
}
