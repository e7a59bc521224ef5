namespace Krewe.Flows;

/// <summary>Which results are whose input. Pure.</summary>
internal static class FlowInputs
{
    /// <summary>Whether a job has an input: something ran before it, or it is called because of something.</summary>
    internal static bool HasInput(FlowPlan plan, int job) => SourceOf(plan, job).Node >= 0;

    /// <summary>Where a job's input comes from.</summary>
    /// <returns>The node whose result it is, or whose error; -1: there is none.</returns>
    internal static (int Node, bool IsError) SourceOf(FlowPlan plan, int job)
    {
        var index = job;
        while (plan.At(index) is var node && node.Parent >= 0)
        {
            if (node.Role != FlowNodeRole.Member)
            {
                return (node.Parent, node.Role == FlowNodeRole.OnError);
            }

            if (plan.At(node.Parent).Kind != FlowNodeKind.Group && plan.At(node.Parent).FirstMember != index)
            {
                return (Before(plan, node.Parent, index), false);
            }

            index = node.Parent; // The first step of a chain, and every member of a group, gets what the whole got.
        }

        return (-1, false);
    }

    /// <summary>The member before another one of the same chain.</summary>
    private static int Before(FlowPlan plan, int parent, int index)
    {
        var member = plan.At(parent).FirstMember;
        while (plan.At(member).Next != index)
        {
            member = plan.At(member).Next;
        }

        return member;
    }
}
