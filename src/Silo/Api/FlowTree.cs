namespace Krewe.Api;

/// <summary>A node of a flow with what belongs to it.</summary>
/// <param name="Kind"><c>job</c>, <c>chain</c>, <c>group</c> or <c>chord</c>; a chord's children are a group, its header, and its body.</param>
/// <param name="Role"><c>member</c>, <c>onSuccess</c> or <c>onError</c>.</param>
/// <param name="State">Where it stands; Running is a job from its enqueueing to its end.</param>
/// <param name="JobId">Of a job: its full id.</param>
/// <param name="JobName">Of a job: its name.</param>
/// <param name="Children">Steps or members, in order.</param>
/// <param name="Callbacks">What runs when it has ended.</param>
internal sealed record FlowTreeNode(string Kind, string Role, JobState State, string? JobId, string? JobName, List<FlowTreeNode> Children, List<FlowTreeNode> Callbacks);

/// <summary>The nodes of a flow as a tree, as many of them as were asked for.</summary>
/// <param name="Root">The root; null: no node of the flow has arrived.</param>
/// <param name="IsCut">Whether there are more nodes.</param>
internal sealed record FlowTree(FlowTreeNode? Root, bool IsCut)
{
    /// <summary>Jobs that add to their own group can make a flow deeper than one that is enqueued; nodes below this level are left out.</summary>
    private const int MaxLevels = 200;

    /// <summary>Reads the tree of a flow.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="maxNodes">How many nodes to read at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<FlowTree> ReadAsync(FlowHandle flow, int maxNodes, CancellationToken cancellationToken)
    {
        var nodes = new List<(FlowTreeNode? Node, int Level)>();
        var isCut = false;
        await foreach (var node in flow.GetNodesAsync(cancellationToken))
        {
            if (nodes.Count == maxNodes)
            {
                isCut = true;
                break;
            }

            nodes.Add(Add(node, nodes));
            isCut |= nodes[^1].Node is null;
        }

        return new(nodes.Count > 0 ? nodes[0].Node : null, isCut);
    }

    /// <summary>Hangs a node under its parent, which came before it.</summary>
    private static (FlowTreeNode? Node, int Level) Add(FlowNode node, List<(FlowTreeNode? Node, int Level)> nodes)
    {
        var made = new FlowTreeNode(node.Kind, node.Role, node.State, node.JobId, node.JobName, [], []);
        if (node.Parent < 0)
        {
            return (made, 1);
        }

        var (parent, level) = nodes[node.Parent];
        if (parent is null || level == MaxLevels)
        {
            return (null, level + 1);
        }

        (node.Role == "member" ? parent.Children : parent.Callbacks).Add(made);
        return (made, level + 1);
    }
}
