using Krewe.Dispatch;

namespace Krewe.Flows;

/// <summary>Keeps the one <see cref="OpenFlow"/> that is in force, and feeds its plan with what happens.</summary>
/// <remarks>
/// <para>An event is taken into the plan, and what follows from it is taken out of it, in one turn; then it is made durable; then it is told, and done. A call that finds its event in the plan already,
/// because it is repeated, waits until that is durable before it says so. What a crash leaves behind, by the moment it comes:</para>
/// <list type="bullet">
/// <item>before the nodes' entry is durable: nothing; the client repeats its call;</item>
/// <item>between that and the members' enqueues, or before the seal: an unsealed flow; the client repeats its call, which enqueues the same ids; a client that is gone leaves the flow to be cancelled after 5 minutes;</item>
/// <item>between an event and what follows from it: a plan in which jobs run that the store has final, in an earlier run, or not at all; <see cref="FlowLook"/> finds them when the flow is read anew,
/// when a silo dies, after a minute of silence and every ten minutes, and decides again to the same effect;</item>
/// <item>between the root's end and its settling, or before the job whose place the flow took has been told: both are repeated; the catalogue lists the flow until they are done.</item>
/// </list>
/// </remarks>
internal sealed class FlowOwner
{
    private readonly string _id;
    private readonly FlowServices _services;
    private readonly FlowDeeds _deeds;
    private readonly FlowLook _look;
    private readonly IWakeTimer _later;
    private OpenFlow? _flow;
    private Task<OpenFlow?>? _reading;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal FlowOwner(string id, FlowServices services, Func<Func<Task>, IWakeTimer> timer)
    {
        var members = new MemberCalls(services);
        (_id, _services, _later) = (id, services, timer(LaterAsync));
        _deeds = new FlowDeeds(members, new FlowSettling(services, members, Announce), Announce, services) { Later = _later };
        _look = new FlowLook(services, _deeds, members);
    }

    private OpenFlow? Current => _flow is { IsVoid: false } flow ? flow : null;

    /// <summary>The flow, read if need be; null when there is none.</summary>
    internal ValueTask<OpenFlow?> OpenAsync() => Current is { } flow ? new(flow) : new(_reading ??= ReadAsync());

    /// <inheritdoc cref="IChordGrain.AddAsync"/>
    internal async Task<bool> AddAsync(NewFlow flow, int first, NewFlowNode[] nodes, bool isLast)
    {
        var open = await OpenAsync() ?? Current; // Another call may have made it while this one heard that there is none.
        if (open is { Plan.IsSealed: true })
        {
            await open.ConfirmAsync();
            return true;
        }

        var isNew = open is null;
        open ??= _flow = OpenFlow.New(_id, flow, _services);
        if (open.Plan.IsCancelled || first > open.Plan.Count)
        {
            throw new InvalidJobException(open.Plan.IsCancelled
                ? $"The flow '{_id}' was cancelled before all of it had arrived: {open.CancelReason} Enqueue it again under another id."
                : $"The flow '{_id}' has {open.Plan.Count} nodes, got one for index {first}; send what is missing first.");
        }

        _look.Sent();
        var known = Math.Min(open.Plan.Count - first, nodes.Length);
        var again = open.StillToStart(first, nodes.AsSpan(0, known));
        var entry = open.Take(known, nodes, static parent => parent);
        var acts = open.Plan.TakeActs();
        await open.WriteAsync(new FlowEntry { Opened = isNew ? open.Opened : null, Nodes = known < nodes.Length ? entry : null });
        await StartNewAsync(open, [.. again, .. acts.Start]);
        if (isLast && !open.Plan.IsSealed)
        {
            open.Plan.Seal();
            acts = open.Plan.TakeActs();
            await open.WriteAsync(new FlowEntry { IsSealed = true });
            _deeds.Do(open, acts);
        }
        else if (isLast)
        {
            await open.ConfirmAsync();
        }

        return false;
    }

    /// <inheritdoc cref="IChordGrain.EndedAsync"/>
    internal async Task EndedAsync(MemberEnd[] ends)
    {
        if (await OpenAsync() is { } open)
        {
            _look.Heard();
            await _deeds.TakeEndsAsync(open, ends.Select(static end => (end.Member, end.State, end.Run)));
        }
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
            await open.ConfirmAsync();
            return open.Plan.State == JobState.Cancelled || open.Plan.IsCancelled;
        }

        var acts = open.Plan.TakeActs();
        await open.WriteAsync(new FlowEntry { IsCancelled = true, CancelReason = reason ?? "Cancelled by a caller." });
        _deeds.Do(open, acts);
        return true;
    }

    /// <inheritdoc cref="IChordGrain.RedriveAsync"/>
    internal async Task<bool> RedriveAsync()
    {
        if (await OpenAsync() is not { } open)
        {
            return false;
        }

        if (!open.IsQuiet || !open.Plan.Redrive())
        {
            await open.ConfirmAsync();
            return open.Plan is { Run: > 1, IsFinal: false }; // The same call, repeated.
        }

        var acts = open.Plan.TakeActs();
        await open.WriteAsync(new FlowEntry { IsRedriven = true });
        _deeds.Do(open, acts);
        return true;
    }

    /// <inheritdoc cref="IChordGrain.GrowAsync"/>
    internal async Task GrowAsync(int member, string key, NewFlowNode[] nodes)
    {
        var open = await OpenAsync() ?? throw new InvalidJobException($"There is no flow '{_id}'; AddToGroup is for members of a running group.");
        if (open.HasKey(key))
        {
            await open.ConfirmAsync();
            return;
        }

        if (!open.Plan.IsSealed)
        {
            throw new StoreUnavailableException($"The flow '{_id}' has not arrived as a whole yet; members can be added when it has."); // Its client's next nodes have the next indexes.
        }

        var (group, first) = (open.Plan.Nodes.GroupOf(member), open.Plan.Count);
        if (group < 0)
        {
            throw new InvalidJobException($"The job is not a running member of a running group of the flow '{_id}'; AddToGroup is for members of a group or of a chord's header.");
        }

        var entry = open.Take(0, nodes, parent => parent < 0 ? group : first + parent, key);
        var acts = open.Plan.TakeActs();
        await open.WriteAsync(new FlowEntry { Nodes = entry });
        _deeds.Do(open, acts);
    }

    /// <inheritdoc cref="IChordGrain.KeepUpAsync"/>
    internal async Task KeepUpAsync()
    {
        if (await OpenAsync() is not { IsClosed: false } open)
        {
            await _services.Store.ForgetOpenAsync(_id);
        }
        else if (_look.IsAbandoned(open))
        {
            Log.Unsealed(_services.Logger, _id, FlowTimes.UnsealedFor.TotalMinutes);
            await CancelAsync("Its client was gone before all of it had arrived.");
        }
        else
        {
            _look.LookWhenDue(open);
        }
    }

    /// <summary>Waits for a flow to be as asked, or for 8 seconds.</summary>
    internal async Task<OpenFlow?> AwaitAsync(Func<OpenFlow, bool> isReady)
    {
        var timeout = Task.Delay(FlowTimes.LongestAwait, _services.Time);
        while (true)
        {
            var news = _news.Task;
            if (await OpenAsync() is not { } open || isReady(open) || timeout.IsCompleted)
            {
                return Current;
            }

            await Task.WhenAny(news, timeout);
        }
    }

    /// <summary>Writes what is not written, before the activation ends.</summary>
    internal async Task LeaveAsync()
    {
        if (Current is { } open)
        {
            await _deeds.GuardAsync(open, open.FlushAsync);
            open.Void();
        }

        _later.Dispose();
    }

    /// <summary>Writes what was kept back, or reads the flow anew after something failed.</summary>
    private async Task LaterAsync()
    {
        if (_flow is { } flow)
        {
            await _deeds.GuardAsync(flow, async () => await (Current is { } open ? open.FlushAsync() : OpenAsync().AsTask()));
        }
    }

    private async Task<OpenFlow?> ReadAsync()
    {
        try
        {
            await Task.Yield(); // So that _reading is set before this can end.
            var read = await OpenFlow.ReadAsync(_id, _services);
            if (Current is { } newer)
            {
                return newer; // A call that heard that there is none has made it meanwhile.
            }

            _flow = read;
            if (read is { IsClosed: false })
            {
                _look.Look(read); // What ended while nobody looked.
            }

            return read;
        }
        finally
        {
            _reading = null;
        }
    }

    /// <summary>Starts what came with a call; the caller hears of a failure and repeats the call.</summary>
    private async Task StartNewAsync(OpenFlow open, IReadOnlyList<(int Job, int Cause)> starts)
    {
        try
        {
            await _deeds.StartAsync(open, starts, isOwed: false);
            foreach (var (job, _) in starts)
            {
                open.Plan.Nodes.Stored(job);
            }
        }
        catch (QueueFullException exception)
        {
            await CancelAsync(exception.Message);
            throw;
        }
    }

    private void Announce()
    {
        var news = _news;
        _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        news.SetResult();
    }
}
