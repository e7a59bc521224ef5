using Krewe.Dispatch;

namespace Krewe.Flows;

/// <summary>Keeps the one <see cref="OpenFlow"/> that is in force, feeds its plan with what happens, and does what the plan then wants.</summary>
/// <remarks>
/// <para>An event is taken into the plan in one turn. What follows from an acknowledged event is owed: it is tried until it succeeds. What a crash leaves behind, by the moment it comes:</para>
/// <list type="bullet">
/// <item>before the nodes' entry is durable: nothing; the client repeats its call;</item>
/// <item>between that and the members' enqueues, or before the seal: an unsealed flow; the client repeats its call, which enqueues the same ids; a client that is gone leaves the flow to be cancelled after 5 minutes;</item>
/// <item>between a member's end and what follows: a plan in which the member runs while the store has it final; the flow asks the store when it is read anew, when a silo dies, and after a
/// minute of silence, and decides again to the same effect;</item>
/// <item>between the root's end and its settling, or before the job whose place the flow took has been told: both are repeated by upkeep; the catalogue lists the flow until they are done.</item>
/// </list>
/// </remarks>
internal sealed class FlowOwner
{
    /// <summary>Ends that are kept back from the log, at most: they cost little to find again.</summary>
    private const int MaxUnwritten = 512;

    private readonly string _id;
    private readonly FlowServices _services;
    private readonly MemberCalls _members;
    private readonly FlowSettling _settling;
    private readonly FlowUpkeepClock _clock;
    private readonly IWakeTimer _later;
    private OpenFlow? _flow;
    private Task<OpenFlow?>? _reading;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isKeepingUp;

    internal FlowOwner(string id, FlowServices services, Func<Func<Task>, IWakeTimer> timer)
    {
        (_id, _services, _members, _settling) = (id, services, new MemberCalls(services), new FlowSettling(services, Announce));
        _clock = new FlowUpkeepClock(services);
        _later = timer(LaterAsync);
    }

    /// <summary>The flow, read if need be; null when there is none.</summary>
    internal ValueTask<OpenFlow?> OpenAsync() => _flow is { IsVoid: false } flow ? new(flow) : new(_reading ??= ReadAsync());

    /// <inheritdoc cref="IChordGrain.AddAsync"/>
    internal async Task<bool> AddAsync(NewFlow flow, int first, NewFlowNode[] nodes, bool isLast)
    {
        var open = await OpenAsync();
        if (open is { Plan.IsSealed: true })
        {
            return true;
        }

        var isNew = open is null;
        open ??= _flow = OpenFlow.New(_id, flow, _services);
        if (first > open.Plan.Count || open.Plan.IsFinal)
        {
            throw new InvalidJobException(open.Plan.IsFinal
                ? $"The flow '{_id}' was cancelled before all of it had arrived: {open.CancelReason ?? "somebody cancelled it"}. Enqueue it again under another id."
                : $"The flow '{_id}' has {open.Plan.Count} nodes, got one for index {first}; send what is missing first.");
        }

        _clock.Heard();
        var known = Math.Min(open.Plan.Count - first, nodes.Length);
        var starts = open.StillToStart(first, nodes.AsSpan(0, known));
        var entry = open.Take(known, nodes, static parent => parent);
        starts.AddRange(TakeStarts(open));
        if (isNew || known < nodes.Length)
        {
            await open.WriteAsync(new FlowEntry { Opened = isNew ? open.Opened : null, Nodes = entry });
        }

        await StartNewAsync(open, starts);
        if (isLast && !open.Plan.IsSealed)
        {
            open.Plan.Seal();
            await open.WriteAsync(new FlowEntry { IsSealed = true });
            Act(open);
        }

        return false;
    }

    /// <inheritdoc cref="IChordGrain.EndedAsync"/>
    internal async Task EndedAsync(MemberEnd[] ends)
    {
        if (await OpenAsync() is not { } open)
        {
            return;
        }

        _clock.Heard();
        await TakeEndsAsync(open, ends.Select(static end => (end.Member, end.State, end.Run)));
    }

    /// <inheritdoc cref="IChordGrain.CancelAsync"/>
    internal async Task<bool> CancelAsync(string? reason)
    {
        if (await OpenAsync() is not { } open)
        {
            return false;
        }

        if (!open.Plan.Cancel())
        {
            return open.Plan.State == JobState.Cancelled;
        }

        await open.WriteAsync(new FlowEntry { IsCancelled = true, CancelReason = reason ?? "Cancelled by a caller." });
        Act(open);
        return true;
    }

    /// <inheritdoc cref="IChordGrain.RedriveAsync"/>
    internal async Task<bool> RedriveAsync()
    {
        if (await OpenAsync() is not { Settled: not null } open || !open.Plan.Redrive())
        {
            return false;
        }

        await open.WriteAsync(new FlowEntry { IsRedriven = true });
        Act(open);
        return true;
    }

    /// <inheritdoc cref="IChordGrain.GrowAsync"/>
    internal async Task GrowAsync(int member, string key, NewFlowNode[] nodes)
    {
        var open = await OpenAsync() ?? throw new InvalidJobException($"There is no flow '{_id}'; AddToGroup is for members of a running group.");
        if (open.HasKey(key))
        {
            return;
        }

        var (group, first) = (open.Plan.Nodes.GroupOf(member), open.Plan.Count);
        if (group < 0)
        {
            throw new InvalidJobException($"The job is not a running member of a running group of the flow '{_id}'; AddToGroup is for members of a group or of a chord's header.");
        }

        var entry = open.Take(0, nodes, parent => parent < 0 ? group : first + parent, key);
        var starts = TakeStarts(open);
        await open.WriteAsync(new FlowEntry { Nodes = entry });
        await GuardAsync(open, async () => await FailAsync(open, await _members.StartAsync(open, starts, isOwed: true)));
    }

    /// <inheritdoc cref="IChordGrain.KeepUpAsync"/>
    internal async Task KeepUpAsync()
    {
        if (_isKeepingUp)
        {
            return;
        }

        _isKeepingUp = true;
        try
        {
            if (await OpenAsync() is not { } open)
            {
                await _services.Store.ForgetOpenAsync(_id);
                return;
            }

            if (open.IsClosed)
            {
                await _services.Store.ForgetOpenAsync(_id);
            }
            else if (!open.Plan.IsSealed && _clock.IsIdleFor(FlowTimes.UnsealedFor))
            {
                Log.Unsealed(_services.Logger, _id, FlowTimes.UnsealedFor.TotalMinutes);
                await CancelAsync("Its client was gone before all of it had arrived.");
            }
            else if (_clock.IsLookDue())
            {
                await LookAsync(open);
            }
        }
        finally
        {
            _isKeepingUp = false;
        }
    }

    /// <summary>Waits for a flow to be as asked, or for 8 seconds.</summary>
    internal async Task<OpenFlow?> AwaitAsync(Func<OpenFlow, bool> isReady)
    {
        var started = _services.Time.GetTimestamp();
        while (true)
        {
            var news = _news.Task;
            var left = FlowTimes.LongestAwait - _services.Time.GetElapsedTime(started);
            if (await OpenAsync() is not { } open || isReady(open) || left <= TimeSpan.Zero)
            {
                return _flow;
            }

            await Task.WhenAny(news, Task.Delay(left, _services.Time));
        }
    }

    /// <summary>Writes what is not written, before the activation ends.</summary>
    internal async Task LeaveAsync()
    {
        _later.Dispose();
        if (_flow is { IsVoid: false } open)
        {
            await GuardAsync(open, open.FlushAsync);
            open.Void();
        }
    }

    /// <summary>Writes what was kept back, or reads the flow anew after something failed.</summary>
    private async Task LaterAsync()
    {
        if (_flow is { IsVoid: false } flow)
        {
            await GuardAsync(flow, flow.FlushAsync);
        }
        else if (_flow is not null)
        {
            await GuardAsync(_flow, async () => await OpenAsync());
        }
    }

    private async Task<OpenFlow?> ReadAsync()
    {
        try
        {
            await Task.Yield(); // So that _reading is set before this can end.
            var read = await OpenFlow.ReadAsync(_id, _services);
            _flow = read;
            if (read is { IsClosed: false })
            {
                LookAsync(read).Ignore(); // What ended while nobody looked.
            }

            return read;
        }
        finally
        {
            _reading = null;
        }
    }

    /// <summary>Starts what came with a call; the caller hears of a failure and repeats the call.</summary>
    private async Task StartNewAsync(OpenFlow open, List<(int Job, int Cause)> starts)
    {
        try
        {
            await FailAsync(open, await _members.StartAsync(open, starts, isOwed: false));
            starts.ForEach(start => open.Plan.Nodes.Stored(start.Job));
        }
        catch (QueueFullException exception)
        {
            await CancelAsync(exception.Message);
            throw;
        }
    }

    private async Task TakeEndsAsync(OpenFlow open, IEnumerable<(int Job, JobState State, int Run)> ends)
    {
        var isGrave = false;
        foreach (var (job, state, run) in ends)
        {
            if (open.Plan.End(job, state, run))
            {
                open.Ended(job, state);
                isGrave |= state != JobState.Succeeded;
            }
        }

        if (isGrave)
        {
            await open.FlushAsync(); // Which one was the first must not change any more before somebody is called because of it.
        }
        else if (open.UnwrittenEnds >= MaxUnwritten)
        {
            GuardAsync(open, open.FlushAsync).Ignore();
        }
        else if (open.UnwrittenEnds > 0)
        {
            _later.Set(FlowTimes.WriteAfter);
        }

        Act(open);
    }

    /// <summary>Does what the plan wants, in the background.</summary>
    private void Act(OpenFlow open)
    {
        Announce();
        if (!open.Plan.Acts.IsEmpty)
        {
            int[] cancels = [.. open.Plan.Acts.Cancel];
            var starts = TakeStarts(open);
            GuardAsync(open, async () => await FailAsync(open, await _members.StartAsync(open, starts, isOwed: true))).Ignore();
            GuardAsync(open, () => _members.CancelAsync(open, cancels, ReasonOfCancel(open))).Ignore();
        }

        if (open.Plan.IsFinal && !open.IsClosed)
        {
            GuardAsync(open, () => _settling.SettleAsync(open)).Ignore();
        }
    }

    /// <summary>Asks the store how the jobs stand that are thought to run.</summary>
    private Task LookAsync(OpenFlow open) => GuardAsync(open, async () =>
    {
        _clock.Looked();
        var found = await _members.FindAsync(open, open.Plan.Nodes.Running(open.Plan.Live));
        var ended = found.Where(static job => job.End is not null).Select(static job => (job.Job, job.End!.Value, job.Run)).ToList();
        if (ended.Count > 0)
        {
            Log.EndsFound(_services.Logger, _id, ended.Count);
        }

        await TakeEndsAsync(open, ended);
        int[] stopped = [.. open.Plan.Nodes.Running(open.Plan.Live).Where(open.Plan.Nodes.IsStopped)];
        GuardAsync(open, () => _members.CancelAsync(open, stopped, ReasonOfCancel(open))).Ignore();
        if (open.Plan.IsSealed)
        {
            var missing = found.Where(job => job.End is null && open.Plan.At(job.Job).State == JobState.Running).Select(static job => (job.Job, -1)).ToList();
            await FailAsync(open, await _members.StartAsync(open, missing, isOwed: true));
        }

        await _members.RenewAsync(open, _clock);
    });

    /// <summary>Jobs that cannot be enqueued have failed.</summary>
    private async Task FailAsync(OpenFlow open, IReadOnlyList<(int Job, string Reason)> failed)
    {
        if (failed.Count > 0)
        {
            failed.ToList().ForEach(job => open.Explain(job.Job, job.Reason));
            await TakeEndsAsync(open, failed.Select(job => (job.Job, JobState.Failed, open.Plan.Run)));
        }
    }

    private static string ReasonOfCancel(OpenFlow open) => open.CancelReason ?? "Another member of its group did not succeed.";

    private static List<(int Job, int Cause)> TakeStarts(OpenFlow open)
    {
        var starts = open.Plan.Acts.Start.ToList();
        open.Plan.Acts.Clear();
        return starts;
    }

    private void Announce()
    {
        var news = _news;
        _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        news.SetResult();
    }

    private async Task GuardAsync(OpenFlow open, Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception exception)
        {
            // Broad: whatever it was, the flow is read anew, asks the store, and goes on from there.
            Log.UpkeepFailed(_services.Logger, _id, exception.Message);
            open.Void();
            _later.Set(FlowTimes.AgainAfter);
        }
    }
}
