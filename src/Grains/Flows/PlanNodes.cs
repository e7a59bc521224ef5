using Krewe.Jobs;

namespace Krewe.Flows;

/// <summary>The nodes of a flow, linked as a tree: who belongs to whom. What becomes of them is <see cref="FlowPlan"/>'s to decide.</summary>
internal sealed class PlanNodes
{
    internal const int None = -1;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private PlanNode[] _nodes = new PlanNode[8];

    internal int Count { get; private set; }

    /// <summary>Names and queues, each once.</summary>
    internal IReadOnlyList<string> Texts => _texts;

    internal ref PlanNode this[int index] => ref _nodes[index];

    internal string TextOf(int number) => _texts[number];

    /// <summary>The number of a text; the same for the same text.</summary>
    internal int NumberOf(string text)
    {
        if (!_numbers.TryGetValue(text, out var number))
        {
            _numbers[text] = number = _texts.Count;
            _texts.Add(text);
        }

        return number;
    }

    /// <summary>Whether a node may be appended: its parent is there and takes members, or it is the root.</summary>
    internal bool Fits(FlowNodeKind kind, FlowNodeRole role, int parent) => kind is >= FlowNodeKind.Job and <= FlowNodeKind.Chord && (parent == None
        ? Count == 0 && role == FlowNodeRole.Member
        : parent >= 0 && parent < Count && (role is FlowNodeRole.OnSuccess or FlowNodeRole.OnError || (role == FlowNodeRole.Member && _nodes[parent].Kind != FlowNodeKind.Job)));

    /// <summary>Appends a node behind its elder siblings, Waiting.</summary>
    /// <returns>Its index, and that of the sibling before it.</returns>
    internal (int Index, int Before) Append(PlanNode node)
    {
        if (Count == _nodes.Length)
        {
            Array.Resize(ref _nodes, Count * 2);
        }

        var index = Count++;
        (node.FirstMember, node.LastMember, node.FirstCallback, node.LastCallback, node.Next, node.FailedBy) = (None, None, None, None, None, None);
        (node.State, node.Run, node.Open) = (JobState.Waiting, 0, 0);
        _nodes[index] = node;
        return (index, _nodes[index].Before = node.Parent == None ? None : Link(index));
    }

    /// <summary>What is to be enqueued, told again.</summary>
    internal void Offer(int job, NewJob content) => _nodes[job].Job ??= content;

    /// <summary>Lets go of what was to be enqueued: the job is durable.</summary>
    internal void Stored(int job) => _nodes[job].Job = null;

    /// <summary>Jobs that are enqueued and not final.</summary>
    /// <param name="live">How many there are.</param>
    internal List<int> Running(int live)
    {
        var running = new List<int>(live);
        for (var index = 0; index < Count && running.Count < live; index++)
        {
            if (_nodes[index] is { Kind: FlowNodeKind.Job, State: JobState.Running })
            {
                running.Add(index);
            }
        }

        return running;
    }

    /// <summary>Whether a job lies in what was cancelled as a whole.</summary>
    internal bool IsStopped(int job)
    {
        for (var index = job; index != None; index = _nodes[index].Role == FlowNodeRole.Member ? _nodes[index].Parent : None)
        {
            if (_nodes[index].IsStopped)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The innermost group that a running job is a member of, itself or as a step of a chain; -1: it is in none, or does not run.</summary>
    internal int GroupOf(int job)
    {
        if (job < 0 || job >= Count || _nodes[job].State != JobState.Running)
        {
            return None;
        }

        var index = job;
        while (_nodes[index].Role == FlowNodeRole.Member && _nodes[index].Parent != None)
        {
            index = _nodes[index].Parent;
            if (_nodes[index].Kind == FlowNodeKind.Group)
            {
                return _nodes[index].State == JobState.Running ? index : None;
            }
        }

        return None;
    }

    /// <summary>The first job under a node that is enqueued and not final.</summary>
    internal int FirstLive(int index)
    {
        if (_nodes[index].Kind == FlowNodeKind.Job)
        {
            return _nodes[index].State == JobState.Running ? index : None;
        }

        for (var member = _nodes[index].FirstMember; member != None; member = _nodes[member].Next)
        {
            if (FirstLive(member) is var live and not None)
            {
                return live;
            }
        }

        return None;
    }

    /// <summary>Puts a node behind its elder siblings; gives the one before it.</summary>
    private int Link(int index)
    {
        ref var node = ref _nodes[index];
        ref var parent = ref _nodes[node.Parent];
        var isMember = node.Role == FlowNodeRole.Member;
        var before = isMember ? parent.LastMember : parent.LastCallback;
        if (before != None)
        {
            _nodes[before].Next = index;
        }
        else if (isMember)
        {
            parent.FirstMember = index;
        }
        else
        {
            parent.FirstCallback = index;
        }

        if (isMember)
        {
            (parent.LastMember, parent.Open) = (index, parent.Open + 1);
        }
        else
        {
            parent.LastCallback = index;
        }

        return before;
    }
}
