using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Flows;

/// <summary>A flow as one activation holds it: its plan, and the log that the plan can be built from again.</summary>
/// <remarks>
/// An event is taken into the plan and put into the log's queue in the same turn, so the log has everything in the order in which the plan took it, and a plan that is built from it again is the
/// same. Ends of members are written late and many at a time, because the members' own records are the truth: what a crash loses of them is found there again. Everything else is durable before
/// anybody hears of it.
/// </remarks>
internal sealed class OpenFlow
{
    private readonly FlowServices _services;
    private readonly FlowLog _log;
    private readonly List<(int Job, JobState State)> _unwritten = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _reasons = [];
    private TimeSpan _resultTtl;

    private OpenFlow(string id, FlowServices services, FlowOpened opened, long length)
    {
        (Id, _services, Opened) = (id, services, opened);
        Plan = new FlowPlan(opened.CancelsOnFailure);
        _log = new FlowLog(id, length, Head, services);
    }

    internal string Id { get; }

    internal FlowOpened Opened { get; }

    internal FlowPlan Plan { get; }

    /// <summary>Set once the end is durable.</summary>
    internal FlowSettled? Settled { get; private set; }

    internal string? CancelReason { get; private set; }

    /// <summary>Whether nothing is left to do for it.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Whether another object is in force, or will be.</summary>
    internal bool IsVoid => _log.IsVoid;

    /// <summary>Whether somebody is settling it now.</summary>
    internal bool IsSettling { get; set; }

    /// <summary>Whether something came that may be to settle.</summary>
    internal bool IsToSettle { get; set; }

    /// <summary>Jobs that are being enqueued: the store may not know them yet.</summary>
    internal HashSet<int> Starting { get; } = [];

    /// <summary>Whether it is settled and all of its jobs have ended.</summary>
    internal bool IsQuiet => Settled is not null && Plan.Live == 0;

    /// <summary>How long it stays, and its jobs must, after all of it has ended.</summary>
    internal TimeSpan KeepFor => FlowTimes.KeepFor(Plan.State, _resultTtl, _services.Options);

    /// <summary>Whether the job whose place it took has been told its end by this object.</summary>
    internal bool IsReplacedTold { get; set; }

    /// <summary>Ends that are not in the log yet.</summary>
    internal int UnwrittenEnds => _unwritten.Count;

    internal static OpenFlow New(string id, NewFlow flow, FlowServices services)
    {
        var opened = new FlowOpened { CreatedAt = services.Now, CancelsOnFailure = flow.CancelsOnFailure, ParentId = flow.ParentId, ReplacesId = flow.ReplacesId, Name = flow.Name, IsOwed = flow.IsOwed };
        return new OpenFlow(id, services, opened, 0);
    }

    /// <summary>Reads a flow; null when there is none. What its plan wants done is not remembered: ask the store how the jobs stand.</summary>
    internal static async Task<OpenFlow?> ReadAsync(string id, FlowServices services)
    {
        OpenFlow? flow = null;
        for (var from = 0L; ;)
        {
            if (await services.Store.ReadAsync(id, from) is not { } page)
            {
                return null;
            }

            foreach (var bytes in page.Entries)
            {
                var entry = FlowEntryCodec.Decode(bytes);
                flow ??= new OpenFlow(id, services, entry.Opened ?? throw new InvalidDataException($"The flow '{id}' does not begin with its opening."), page.Length);
                flow.Apply(entry);
            }

            from += page.Entries.Count;
            if (from >= page.Length || page.Entries.Count == 0)
            {
                return flow;
            }
        }
    }

    internal string JobIdOf(int job)
    {
        ref readonly var node = ref Plan.At(job);
        return new PartitionKey(Plan.Nodes.TextOf(node.Queue), node.Partition).JobId(LastPartOf(job));
    }

    /// <summary>The last part of a job's id.</summary>
    internal string LastPartOf(int job) => Plan.At(job).OwnId ?? FlowIds.MemberId(Id, job);

    internal PartitionKey PartitionOf(int job) => new(Plan.Nodes.TextOf(Plan.At(job).Queue), Plan.At(job).Partition);

    /// <summary>Jobs of a repeated call that may not have been enqueued by the first one.</summary>
    internal List<(int Job, int Cause)> StillToStart(int first, ReadOnlySpan<NewFlowNode> known)
    {
        var starts = new List<(int, int)>();
        for (var i = 0; i < known.Length; i++)
        {
            if (known[i].Job is { } job && Plan.At(first + i).State == JobState.Running)
            {
                Plan.Nodes.Offer(first + i, job);
                starts.Add((first + i, -1));
            }
        }

        return starts;
    }

    /// <summary>Remembers why a job failed that has no record to say so.</summary>
    internal void Explain(int job, string reason) => _reasons[job] = reason;

    internal string? ReasonOf(int job) => _reasons.GetValueOrDefault(job);

    internal bool HasKey(string key) => _keys.Contains(key);

    /// <summary>Takes nodes into the plan; gives their entry for the log, which must be written before anybody hears of them.</summary>
    internal FlowNodes Take(int skip, NewFlowNode[] nodes, Func<int, int> parentOf, string? key = null)
    {
        var (first, texts, isSealed) = (Plan.Count, Plan.Nodes.Texts.Count, Plan.IsSealed);
        Plan.Unseal();
        var entry = new FlowNodes { First = first, Key = key };
        for (var i = skip; i < nodes.Length; i++)
        {
            var (node, index) = (nodes[i], Plan.Count);
            var parent = parentOf(node.Parent);
            if (!Plan.Nodes.Fits(node.Kind, node.Role, parent) || (node.Kind == FlowNodeKind.Job && (node.Job is null || node.Queue is null)))
            {
                Void(); // The plan has nodes by now that the log does not have.
                throw new InvalidJobException($"Node {index} of the flow '{Id}' does not fit its parent {parent}; build the flow with Chain, Group and Chord.");
            }

            var job = node.Job;
            var ownId = job is null || job.Id == FlowIds.MemberId(Id, index) ? null : job.Id;
            var planned = new PlanNode { Kind = node.Kind, Role = node.Role, Parent = parent, Partition = node.Partition, OwnId = ownId, Job = job };
            if (job is not null)
            {
                (planned.Queue, planned.Name) = (Plan.Nodes.NumberOf(node.Queue!), Plan.Nodes.NumberOf(job.Name));
                entry.Jobs.AddRange([planned.Name, planned.Queue, node.Partition]);
                entry.ResultTtl = job.Settings?.ResultTtl is { } ttl && !(ttl <= entry.ResultTtl) ? ttl : entry.ResultTtl;
            }

            Plan.Append(planned);
            entry.Kinds.Add((int)node.Kind + (8 * (int)node.Role));
            entry.Parents.Add(parent < 0 ? 0 : index - parent);
            var isKept = key is not null || Plan.At(index).State == JobState.Waiting; // What came with the flow its client sends again; nobody does what a member added.
            if (job is not null && (isKept || ownId is not null))
            {
                entry.Waiting.Add(new FlowJob { Index = index, OwnId = ownId, Job = isKept ? WaitingJob.Of(job) : null });
            }
        }

        entry.Texts.AddRange(Plan.Nodes.Texts.Skip(texts));
        Took(entry, isSealed);
        return entry;
    }

    /// <summary>A member ended; written later.</summary>
    internal void Ended(int job, JobState state) => _unwritten.Add((job, state));

    /// <summary>Makes an event durable that the plan has taken in this turn.</summary>
    internal Task WriteAsync(FlowEntry entry)
    {
        Follow(entry);
        QueueEnds();
        return _log.WriteAsync(FlowEntryCodec.Encode(entry));
    }

    /// <summary>Completes when all that the plan has taken is durable; before somebody is told of it who did not write it himself.</summary>
    internal Task ConfirmAsync()
    {
        QueueEnds();
        return _log.WriteAsync(null);
    }

    /// <summary>Writes the ends that are not written yet.</summary>
    internal Task FlushAsync() => _unwritten.Count == 0 ? Task.CompletedTask : ConfirmAsync();

    /// <summary>Ends this object; the flow is to be read anew.</summary>
    internal void Void() => _log.Void();

    private void QueueEnds()
    {
        if (_unwritten.Count > 0)
        {
            _log.Add(FlowEntryCodec.Encode(new FlowEntry { Ends = FlowEntryCodec.EncodeEnds(_unwritten) }));
            _unwritten.Clear();
        }
    }

    private FlowHead Head() => new(Opened.CreatedAt, !IsClosed, IsClosed ? KeepFor : null, FlowEntryCodec.Encode(Summary()));

    private FlowSummary Summary() => new()
    {
        Name = Opened.Name,
        State = Plan.State,
        FinishedAt = Settled?.At,
        Error = Settled?.Error,
        Reason = CancelReason,
        IsSealed = Plan.IsSealed,
        Run = Plan.Run,
        ParentId = Opened.ParentId,
    };

    /// <summary>What an entry means beside the plan.</summary>
    private void Follow(FlowEntry entry)
    {
        Settled = entry.IsRedriven ? null : entry.Settled ?? Settled;
        CancelReason = entry.IsRedriven ? null : entry.CancelReason ?? CancelReason;
        IsClosed = !entry.IsRedriven && (IsClosed || entry.IsClosed);
    }

    /// <summary>Applies an entry that was read.</summary>
    private void Apply(FlowEntry entry)
    {
        if (entry.Nodes is { } nodes)
        {
            Restore(nodes);
        }

        if (entry.IsSealed)
        {
            Plan.Seal();
        }

        foreach (var (job, state) in entry.Ends is null ? [] : FlowEntryCodec.DecodeEnds(entry.Ends))
        {
            Plan.End(job, state, Plan.Run);
        }

        if (entry.IsCancelled)
        {
            Plan.Cancel();
        }

        if (entry.IsRedriven)
        {
            Plan.Redrive();
        }

        Follow(entry);
        Plan.TakeActs(); // What is to be done is found by asking the store.
    }

    private void Restore(FlowNodes nodes)
    {
        var isSealed = Plan.IsSealed;
        Plan.Unseal();
        nodes.Texts.ForEach(text => Plan.Nodes.NumberOf(text));
        var waiting = nodes.Waiting.ToDictionary(static job => job.Index);
        for (var (i, job) = (0, 0); i < nodes.Kinds.Count; i++)
        {
            var index = nodes.First + i;
            var node = new PlanNode { Kind = (FlowNodeKind)(nodes.Kinds[i] % 8), Role = (FlowNodeRole)(nodes.Kinds[i] / 8), Parent = nodes.Parents[i] == 0 ? -1 : index - nodes.Parents[i] };
            if (node.Kind == FlowNodeKind.Job)
            {
                (node.Name, node.Queue, node.Partition) = (nodes.Jobs[job], nodes.Jobs[job + 1], nodes.Jobs[job + 2]);
                job += 3;
                var kept = waiting.GetValueOrDefault(index);
                node.OwnId = kept?.OwnId;
                node.Job = kept?.Job?.Make(node.OwnId ?? FlowIds.MemberId(Id, index), Plan.Nodes.TextOf(node.Name), Id, index);
            }

            Plan.Append(node);
        }

        Took(nodes, isSealed);
    }

    private void Took(FlowNodes nodes, bool isSealed)
    {
        if (nodes.ResultTtl > _resultTtl)
        {
            _resultTtl = nodes.ResultTtl.Value;
        }

        if (nodes.Key is not null)
        {
            _keys.Add(nodes.Key);
        }

        if (isSealed)
        {
            Plan.Seal(nodes.First);
        }
    }
}
