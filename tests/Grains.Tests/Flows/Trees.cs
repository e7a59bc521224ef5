using CsCheck;
using Krewe.Flows;

namespace Krewe.Grains.Tests.Flows;

/// <summary>A step of a flow as a test writes it.</summary>
internal abstract record Step
{
    public IReadOnlyList<Step> OnSuccess { get; init; } = [];

    public IReadOnlyList<Step> OnError { get; init; } = [];
}

internal sealed record Job : Step;

internal sealed record Chain(params Step[] Steps) : Step;

internal sealed record Group(params Step[] Members) : Step;

/// <summary>Random flows, and what the rules make of them.</summary>
internal static class Trees
{
    /// <summary>A flow of at most so many nodes.</summary>
    internal static Gen<Step> Flow(int maxNodes) => Gen.Int[0, int.MaxValue].Select(seed =>
    {
        var (random, left) = (new Random(seed), maxNodes);
        return Make(random, ref left, 0);
    });

    /// <summary>What becomes of a node when its jobs end as given, by the rules alone: the states it may end in, and the jobs that must run.</summary>
    internal static HashSet<JobState> Evaluate(Plan plan, int index, Dictionary<int, JobState> outcomes, HashSet<int> due)
    {
        var states = plan.Nodes[index].Kind switch
        {
            FlowNodeKind.Job => [outcomes[index]],
            FlowNodeKind.Group => Side(plan, index, outcomes, due),
            _ => Row(plan, index, outcomes, due),
        };
        if (plan.Nodes[index].Kind == FlowNodeKind.Job)
        {
            due.Add(index);
        }

        var role = states.Contains(JobState.Succeeded) ? FlowNodeRole.OnSuccess : FlowNodeRole.OnError;
        foreach (var callback in plan.Children(index).Where(child => plan.Nodes[child].Role == role))
        {
            Evaluate(plan, callback, outcomes, due);
        }

        return states;
    }

    private static HashSet<JobState> Side(Plan plan, int index, Dictionary<int, JobState> outcomes, HashSet<int> due)
    {
        var failed = plan.Members(index).Select(member => Evaluate(plan, member, outcomes, due)).Where(states => !states.Contains(JobState.Succeeded)).ToList();
        return failed.Count == 0 ? [JobState.Succeeded] : [.. failed.SelectMany(states => states)]; // The first in time decides.
    }

    private static HashSet<JobState> Row(Plan plan, int index, Dictionary<int, JobState> outcomes, HashSet<int> due)
    {
        foreach (var step in plan.Members(index))
        {
            if (Evaluate(plan, step, outcomes, due) is var states && !states.Contains(JobState.Succeeded))
            {
                return states;
            }
        }

        return [JobState.Succeeded];
    }

    private static Step Make(Random random, ref int left, int level)
    {
        left--;
        Step step = level == 8 || left <= 2 ? new Job() : random.Next(3) switch
        {
            0 => new Chain(Many(random, ref left, level, atLeast: 1)),
            1 => new Group(Many(random, ref left, level, atLeast: 0)),
            _ => new Job(),
        };
        return left > 2 && random.Next(4) == 0
            ? step with { OnSuccess = Many(random, ref left, level + 5, atLeast: 0), OnError = Many(random, ref left, level + 5, atLeast: 0) }
            : step;
    }

    private static Step[] Many(Random random, ref int left, int level, int atLeast)
    {
        var steps = new Step[random.Next(atLeast, 5)];
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = Make(random, ref left, level + 1);
        }

        return steps;
    }
}

/// <summary>A plan under test, with what it started.</summary>
internal sealed class Plan
{
    private readonly List<PlanNode> _nodes = [];
    private int _appended;

    internal Plan(Step root, bool cancelsOnFailure = false)
    {
        Sut = new FlowPlan(cancelsOnFailure);
        Flatten(root, -1, FlowNodeRole.Member);
    }

    internal FlowPlan Sut { get; }

    internal List<int> Started { get; } = [];

    internal List<int> Cancelled { get; } = [];

    /// <summary>The nodes, parents first.</summary>
    internal IReadOnlyList<PlanNode> Nodes => _nodes;

    internal IEnumerable<int> Jobs => Enumerable.Range(0, _nodes.Count).Where(index => _nodes[index].Kind == FlowNodeKind.Job);

    internal static Plan Of(Step root, bool cancelsOnFailure = false)
    {
        var plan = new Plan(root, cancelsOnFailure);
        plan.AppendAll();
        plan.Seal();
        return plan;
    }

    internal IEnumerable<int> Children(int index) => Enumerable.Range(0, _nodes.Count).Where(child => _nodes[child].Parent == index);

    internal IEnumerable<int> Members(int index) => Children(index).Where(child => _nodes[child].Role == FlowNodeRole.Member);

    internal void AppendAll(int? upTo = null)
    {
        while (_appended < (upTo ?? _nodes.Count))
        {
            Sut.Append(_nodes[_appended++]);
        }

        Take();
    }

    internal void Seal()
    {
        Sut.Seal();
        Take();
    }

    internal bool End(int job, JobState state)
    {
        var isTaken = Sut.End(job, state, Sut.Run);
        Take();
        return isTaken;
    }

    internal void Take()
    {
        var acts = Sut.TakeActs();
        Started.AddRange(acts.Start.Select(start => start.Job));
        Cancelled.AddRange(acts.Cancel);
    }

    /// <summary>Lets started jobs end in any order, some told twice, while the flow arrives in pieces or has arrived.</summary>
    internal void Play(Random random, Dictionary<int, JobState> outcomes, bool isStreamed)
    {
        if (!isStreamed)
        {
            AppendAll();
            Seal();
        }

        for (var open = Running(); open.Count > 0 || !Sut.IsSealed; open = Running())
        {
            if (!Sut.IsSealed && (open.Count == 0 || random.Next(3) == 0))
            {
                AppendAll(Math.Min(_appended + random.Next(1, 20), _nodes.Count));
                if (_appended == _nodes.Count)
                {
                    Seal();
                }

                continue;
            }

            var job = open[random.Next(open.Count)];
            End(job, outcomes[job]);
            if (random.Next(4) == 0 && End(job, JobState.Failed))
            {
                throw new InvalidOperationException($"The end of {job} was taken twice.");
            }
        }
    }

    internal JobState[] Shown() => [.. Enumerable.Range(0, Sut.Count).Select(Sut.Shown)];

    internal bool IsInErrorCallback(int index)
    {
        for (; index >= 0; index = _nodes[index].Parent)
        {
            if (_nodes[index].Role == FlowNodeRole.OnError)
            {
                return true;
            }
        }

        return false;
    }

    private List<int> Running() => Sut.Nodes.Running(Sut.Live);

    private void Flatten(Step step, int parent, FlowNodeRole role)
    {
        var index = _nodes.Count;
        var kind = step switch { Chain => FlowNodeKind.Chain, Group => FlowNodeKind.Group, _ => FlowNodeKind.Job };
        _nodes.Add(new PlanNode { Kind = kind, Parent = parent, Role = role });
        step.OnSuccess.ToList().ForEach(callback => Flatten(callback, index, FlowNodeRole.OnSuccess));
        step.OnError.ToList().ForEach(callback => Flatten(callback, index, FlowNodeRole.OnError));
        foreach (var member in step switch { Chain chain => chain.Steps, Group group => group.Members, _ => [] })
        {
            Flatten(member, index, FlowNodeRole.Member);
        }
    }
}
