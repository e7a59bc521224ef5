namespace Krewe.Flows;

/// <summary>The plan of a flow and how far it is: which jobs are next when one ends. Pure: no I/O, no clock.</summary>
/// <remarks>
/// <para>Three shapes make every flow: a job, a chain (steps in order) and a group (members side by side); a chord is a chain of a group and a body. A node is Waiting, Running, or final
/// as Succeeded, Failed, Cancelled or Expired; what an event makes of it is decided here alone:</para>
/// <code>
/// Waiting ─Start─▶ Running     a job: is to be enqueued; a chain: its first step that has not succeeded starts; a group: all members start
/// Running ─a step succeeded─▶ the next step starts; after the last one the chain has Succeeded
/// Running ─a member succeeded─▶ after the last one the group has Succeeded
/// Running ─a step or member ended otherwise─▶ the chain or group ends in the same state, at once; a chain's later steps never start; a group's other members run on
/// final ─Redrive─▶ Waiting     all that has not succeeded; then the root starts again
/// </code>
/// <para><b>Invariants.</b> A node leaves Running once per run, so its callbacks start once per run. Nothing succeeds before the flow is sealed, because more members may come. A group holds
/// the <em>set</em> of members that are missing (each member's own state; <see cref="PlanNode.Open"/> only counts it), so an end told twice counts once. An end of an older run than the
/// member's own is ignored. A callback never changes what it was called for.</para>
/// <para><b>After a crash</b> the plan is built anew from the flow's log; jobs that are Running in it and have ended meanwhile are found in the store, and everything that follows is decided again,
/// to the same effect: ids are fixed, so a job that was enqueued before the crash is not enqueued twice.</para>
/// </remarks>
internal sealed class FlowPlan(bool cancelsOnFailure = false)
{
    private const int None = PlanNodes.None;

    private readonly PlanNodes _nodes = new();
    private readonly List<int> _ends = [];
    private readonly Queue<(int Node, int Cause)> _due = [];
    private readonly List<(int Job, int Cause)> _starts = [];
    private readonly List<int> _cancels = [];

    internal int Count => _nodes.Count;

    internal bool IsSealed { get; private set; }

    internal bool IsCancelled { get; private set; }

    /// <summary>1, and one more with each redrive.</summary>
    internal int Run { get; private set; } = 1;

    /// <summary>Jobs that are enqueued and not final.</summary>
    internal int Live { get; private set; }

    /// <summary>Jobs in the order in which their ends became known.</summary>
    internal IReadOnlyList<int> Ends => _ends;

    /// <summary>Running until final.</summary>
    internal JobState State => Count > 0 && _nodes[0].State.IsFinal() ? _nodes[0].State : JobState.Running;

    internal bool IsFinal => State.IsFinal();

    /// <summary>The nodes, for those who read them.</summary>
    internal PlanNodes Nodes => _nodes;

    internal ref readonly PlanNode At(int index) => ref _nodes[index];

    /// <summary>Appends a node, and starts it where its turn has come already.</summary>
    internal int Append(PlanNode node)
    {
        var (index, before) = _nodes.Append(node);
        if (node.Parent == None)
        {
            StartAll(index);
            return index;
        }

        ref var parent = ref _nodes[node.Parent];
        var isDue = node.Role switch
        {
            FlowNodeRole.OnSuccess => parent.State == JobState.Succeeded,
            FlowNodeRole.OnError => parent.State.IsFinal() && parent.State != JobState.Succeeded,
            _ when parent.Kind == FlowNodeKind.Group => parent.State != JobState.Waiting && !parent.IsStopped, // Members of a group that has failed run all the same.
            _ => parent.State == JobState.Running && (before == None || _nodes[before].State == JobState.Succeeded),
        };
        if (isDue)
        {
            StartAll(index);
        }

        return index;
    }

    /// <summary>No more nodes will come, but by members that add to their own group.</summary>
    /// <param name="from">The first node that may be complete by that.</param>
    internal void Seal(int from = 0)
    {
        IsSealed = true;
        for (var index = Count - 1; index >= from; index--) // Children come after their parents.
        {
            Complete(index, None);
            StartDue();
        }
    }

    /// <summary>More nodes come to a sealed flow: until they are there, nothing is complete. <see cref="Seal"/> ends it.</summary>
    internal void Unseal() => IsSealed = false;

    /// <summary>A job ended.</summary>
    /// <returns>False: it is not running in this run, so the end is old or was told before.</returns>
    internal bool End(int job, JobState state, int run)
    {
        if (job < 0 || job >= Count || _nodes[job] is not { Kind: FlowNodeKind.Job, State: JobState.Running } node || run < node.Run || !state.IsFinal())
        {
            return false;
        }

        _nodes[job].State = state;
        _ends.Add(job);
        Live--;
        if (state == JobState.Succeeded)
        {
            Succeeded(job, job);
        }
        else
        {
            NotSucceeded(job, job, state);
        }

        StartDue();
        return true;
    }

    /// <summary>Ends the flow as cancelled: nothing starts any more but callbacks; jobs that are enqueued are to be cancelled. One that is final but not sealed keeps its state, and takes nothing more.</summary>
    /// <returns>False: it was cancelled before, or is final and whole.</returns>
    internal bool Cancel()
    {
        if (Count == 0 || IsCancelled || (IsFinal && IsSealed))
        {
            return false;
        }

        IsCancelled = true;
        CancelUnder(0);
        _nodes[0].IsStopped = true;
        if (_nodes[0] is { Kind: not FlowNodeKind.Job, State: JobState.Running })
        {
            _nodes[0].State = JobState.Cancelled;
            _nodes[0].FailedBy = _nodes.FirstLive(0);
            StartCallbacks(0, FlowNodeRole.OnError, None);
        }

        StartDue();
        return true;
    }

    /// <summary>Runs again what did not succeed. Jobs that are still running go on.</summary>
    /// <returns>False: the flow is not final, not whole, or it succeeded.</returns>
    internal bool Redrive()
    {
        if (!IsFinal || !IsSealed || State == JobState.Succeeded)
        {
            return false;
        }

        (IsCancelled, Run) = (false, Run + 1);
        var belongsTo = new FlowNodeRole[Count]; // The outermost callback that a node lies in.
        for (var index = 0; index < Count; index++)
        {
            ref var node = ref _nodes[index];
            var above = node.Parent == None ? FlowNodeRole.Member : belongsTo[node.Parent];
            belongsTo[index] = above == FlowNodeRole.Member ? node.Role : above;
            var isReset = belongsTo[index] switch
            {
                FlowNodeRole.OnError => node.State.IsFinal() || node.Kind != FlowNodeKind.Job,
                FlowNodeRole.OnSuccess => false,
                _ => node.State != JobState.Succeeded && (node.State.IsFinal() || node.Kind != FlowNodeKind.Job),
            };
            if (isReset)
            {
                (node.State, node.FailedBy, node.IsStopped) = (JobState.Waiting, None, false);
            }

            node.Open = 0;
            if (node.Role == FlowNodeRole.Member && node.Parent != None && node.State != JobState.Succeeded)
            {
                _nodes[node.Parent].Open++;
            }
        }

        StartAll(0);
        return true;
    }

    /// <summary>Takes what the events since the last call want done. To be called in the same turn as the event: what follows from one is not another's to do.</summary>
    internal FlowActs TakeActs()
    {
        var acts = new FlowActs([.. _starts], [.. _cancels]);
        _starts.Clear();
        _cancels.Clear();
        return acts;
    }

    /// <summary>Where a node stands, to be shown: one whose turn will not come any more, because something around it is final, is Cancelled.</summary>
    internal JobState Shown(int index)
    {
        var around = index;
        while (around != None && _nodes[around].State == JobState.Waiting)
        {
            around = _nodes[around].Parent;
        }

        return around == index ? _nodes[index].State : around != None && _nodes[around].State.IsFinal() ? JobState.Cancelled : JobState.Waiting;
    }

    private void StartAll(int index)
    {
        Start(index, None);
        StartDue();
    }

    /// <summary>Starts the steps whose turn has come: in a loop, because a row of empty groups is passed in one go, however long it is.</summary>
    private void StartDue()
    {
        while (_due.TryDequeue(out var due))
        {
            Start(due.Node, due.Cause);
        }
    }

    private void Start(int index, int cause)
    {
        ref var node = ref _nodes[index];
        if (node.State != JobState.Waiting)
        {
            return;
        }

        node.State = JobState.Running;
        if (node.Kind == FlowNodeKind.Job)
        {
            node.Run = Run;
            Live++;
            _starts.Add((index, cause));
            return;
        }

        for (var member = node.FirstMember; member != None && _nodes[index].State == JobState.Running; member = _nodes[member].Next)
        {
            if (_nodes[member].State != JobState.Succeeded)
            {
                Start(member, cause);
                if (_nodes[index].Kind != FlowNodeKind.Group)
                {
                    break;
                }
            }
        }

        Complete(index, cause);
    }

    /// <summary>Lets a chain or group succeed whose steps or members all have.</summary>
    private void Complete(int index, int cause)
    {
        ref var node = ref _nodes[index];
        if (IsSealed && node is { Kind: not FlowNodeKind.Job, State: JobState.Running } && (node.Kind == FlowNodeKind.Group ? node.Open == 0 : node.LastMember == None || _nodes[node.LastMember].State == JobState.Succeeded))
        {
            node.State = JobState.Succeeded;
            Succeeded(index, cause);
        }
    }

    private void Succeeded(int index, int cause)
    {
        StartCallbacks(index, FlowNodeRole.OnSuccess, cause);
        ref var node = ref _nodes[index];
        if (node.Role != FlowNodeRole.Member || node.Parent == None)
        {
            return;
        }

        ref var parent = ref _nodes[node.Parent];
        parent.Open--;
        if (parent.State == JobState.Running && parent.Kind != FlowNodeKind.Group && node.Next != None)
        {
            _due.Enqueue((node.Next, cause));
        }

        Complete(node.Parent, cause);
    }

    private void NotSucceeded(int index, int job, JobState state)
    {
        _nodes[index].FailedBy = job;
        StartCallbacks(index, FlowNodeRole.OnError, job);
        var (role, parent) = (_nodes[index].Role, _nodes[index].Parent);
        if (role != FlowNodeRole.Member || parent == None || _nodes[parent].State != JobState.Running)
        {
            return;
        }

        _nodes[parent].State = state;
        if (cancelsOnFailure && _nodes[parent].Kind == FlowNodeKind.Group)
        {
            _nodes[parent].IsStopped = true;
            CancelUnder(parent);
        }

        NotSucceeded(parent, job, state);
    }

    private void StartCallbacks(int index, FlowNodeRole role, int cause)
    {
        for (var callback = _nodes[index].FirstCallback; callback != None; callback = _nodes[callback].Next)
        {
            if (_nodes[callback].Role == role)
            {
                Start(callback, cause);
            }
        }
    }

    /// <summary>Ends what goes on under a node: jobs are to be cancelled, chains and groups are Cancelled at once. Callbacks go on.</summary>
    private void CancelUnder(int index)
    {
        if (_nodes[index] is { Kind: FlowNodeKind.Job, State: JobState.Running })
        {
            _cancels.Add(index);
            return;
        }

        for (var member = _nodes[index].FirstMember; member != None; member = _nodes[member].Next)
        {
            CancelUnder(member);
            if (_nodes[member] is { Kind: not FlowNodeKind.Job, State: JobState.Running })
            {
                (_nodes[member].State, _nodes[member].IsStopped) = (JobState.Cancelled, true);
                _nodes[member].FailedBy = _nodes.FirstLive(member);
                StartCallbacks(member, FlowNodeRole.OnError, None);
            }
        }
    }

}
