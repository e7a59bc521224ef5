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

            if (plan.At(node.Parent).Kind != FlowNodeKind.Group && node.Before >= 0)
            {
                return (node.Before, false);
            }

            index = node.Parent; // The first step of a chain, and every member of a group, gets what the whole got.
        }

        return (-1, false);
    }
}
