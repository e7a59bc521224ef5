using System.Globalization;
using Krewe.Execution;

namespace Krewe.Flows;

/// <inheritdoc cref="IFlowDoor"/>
/// <remarks>Ids are made of the job's own and of what tells the request from its others, so that a handler that runs again asks for the same.</remarks>
internal sealed class FlowDoor(FlowGrains grains, FlowSender sender, FlowCompiler compiler) : IFlowDoor
{
    /// <summary>Nodes that one addition to a group may have: they travel in one message and are written in one entry.</summary>
    internal const int MaxAdded = 1_000;

    public async Task<byte[]?> ReadInputAsync(Attempt attempt)
    {
        var (flowId, member) = (attempt.Job.Record.FlowId!, attempt.Job.Record.Member);
        var input = await FlowPages.ReadAsync(from => grains.InsistAsync(flowId, flow => flow.ReadInputAsync(member, from), attempt.Control.Token));
        return input?.Json.ToArray() ?? throw new ResultGoneException(flowId, isKnown: true, "flow"); // The job is told that it has an input: the flow that knew it is gone.
    }

    public async Task<string> ReplaceAsync(Attempt attempt, IFlowStep replacement)
    {
        // A failed attempt had another replacement, which may have been refused; a lost one had this.
        var record = attempt.Job.Record;
        var target = Target(attempt, string.Create(CultureInfo.InvariantCulture, $"{record.Id}.r{record.Run}-{record.FailedAttempts}{(record.Redrives > 0 ? $"-{record.Redrives}" : "")}"));
        var order = new FlowOrder(replacement, new NewFlow { ParentId = attempt.JobId, ReplacesId = attempt.JobId }, target);
        await grains.InsistAsync(() => sender.SendAsync(order, attempt.Control.Token), attempt.Control.Token);
        return order.Id;
    }

    public async Task GrowAsync(Attempt attempt, int number, IReadOnlyList<IFlowStep> steps)
    {
        var record = attempt.Job.Record;
        if (record.FlowId is not { } flowId)
        {
            throw new InvalidJobException($"The job '{attempt.JobId}' belongs to no flow; AddToGroup is for members of a group or of a chord's header.");
        }

        var nodes = await CompileAsync(attempt, number, steps);
        var key = string.Create(CultureInfo.InvariantCulture, $"{record.Member}.{number}"); // Not the run: what was added in an earlier one is there still.
        await grains.InsistAsync(
            flowId,
            async flow =>
            {
                await flow.GrowAsync(record.Member, key, nodes);
                return true;
            },
            attempt.Control.Token);
    }

    private async Task<NewFlowNode[]> CompileAsync(Attempt attempt, int number, IReadOnlyList<IFlowStep> steps)
    {
        var nodes = new List<NewFlowNode>();
        for (var i = 0; i < steps.Count; i++)
        {
            var first = nodes.Count;
            var target = Target(attempt, string.Create(CultureInfo.InvariantCulture, $"{attempt.Job.Record.Id}.a{number}-{i}")) with { RootInput = FlowTypes.Unknown };
            await foreach (var node in compiler.CompileAsync(steps[i], target, attempt.Control.Token))
            {
                nodes.Add(node with { Parent = node.Parent < 0 ? -1 : first + node.Parent });
                if (nodes.Count > MaxAdded)
                {
                    throw new InvalidJobException($"AddToGroup takes at most {MaxAdded} jobs, chains, groups and chords at once, got more; call it several times.");
                }
            }
        }

        return [.. nodes];
    }

    private static FlowTarget Target(Attempt attempt, string id) => new(FlowIds.Shorten(id)) { Headers = attempt.Job.Record.Headers, ParentId = attempt.JobId, IsPatient = true };
}
