using Krewe.Storage;

namespace Krewe.Flows;

/// <summary>What a flow looks like from outside.</summary>
internal sealed class FlowViews(FlowServices services)
{
    private const int MaxNodes = 1_000;

    private readonly FlowResults _results = new(services);

    /// <summary>The flow as it stands; nobody is told of an end that is not durable.</summary>
    internal static async Task<FlowInfo> InfoAsync(OpenFlow flow)
    {
        if (flow.Settled is not null)
        {
            await flow.ConfirmAsync();
        }

        return Info(flow);
    }

    private static FlowInfo Info(OpenFlow flow) => new()
    {
        Id = flow.Id,
        Name = flow.Opened.Name,
        State = flow.Settled is null ? JobState.Running : flow.Plan.State,
        CreatedAt = flow.Opened.CreatedAt,
        FinishedAt = flow.Settled?.At,
        Counts = Count(flow.Plan),
        Error = flow.Settled?.Error?.Make(),
        Reason = flow.CancelReason,
        IsSealed = flow.Plan.IsSealed,
        Run = flow.Plan.Run,
        ParentId = flow.Opened.ParentId,
    };

    /// <summary>A flow as its head tells of it, without counts.</summary>
    internal static FlowInfo Listed(string id, FlowHead head)
    {
        try
        {
            var summary = FlowEntryCodec.DecodeSummary(head.Summary);
            return new FlowInfo
            {
                Id = id,
                Name = summary.Name,
                State = summary.FinishedAt is null ? JobState.Running : summary.State,
                CreatedAt = head.CreatedAt,
                FinishedAt = summary.FinishedAt,
                Error = summary.Error?.Make(),
                Reason = summary.Reason,
                IsSealed = summary.IsSealed,
                Run = summary.Run,
                ParentId = summary.ParentId,
            };
        }
        catch (InvalidDataException exception)
        {
            // One that was written by a newer version or was damaged must not take the whole list with it.
            return new FlowInfo { Id = id, State = head.IsOpen ? JobState.Running : JobState.Failed, CreatedAt = head.CreatedAt, Reason = $"Its summary cannot be read: {exception.Message}" };
        }
    }

    internal static FlowNode[] Nodes(OpenFlow flow, int from)
    {
        var nodes = new FlowNode[Math.Clamp(flow.Plan.Count - from, 0, MaxNodes)];
        for (var i = 0; i < nodes.Length; i++)
        {
            var index = from + i;
            ref readonly var node = ref flow.Plan.At(index);
            var isJob = node.Kind == FlowNodeKind.Job;
            nodes[i] = new FlowNode
            {
                Index = index,
                Parent = node.Parent,
                Kind = Word(node.Kind.ToString()),
                Role = Word(node.Role.ToString()),
                State = flow.Plan.Shown(index),
                JobId = isJob ? flow.JobIdOf(index) : null,
                JobName = isJob ? flow.Plan.Nodes.TextOf(node.Name) : null,
            };
        }

        return nodes;
    }

    /// <summary>Ends in the order of the log: who asks again, of whatever activation, goes on where he was.</summary>
    internal static async Task<MemberEnds> EndsAsync(OpenFlow flow, int after)
    {
        var durable = flow.Plan.Ends.Count; // What ends meanwhile is told next time: the next activation may read it in another order.
        await flow.ConfirmAsync();
        var ends = flow.Plan.Ends.Take(durable).Skip(after).Take(MaxNodes).Select(job => KeyValuePair.Create(flow.JobIdOf(job), flow.Plan.At(job).State)).ToArray();
        return new MemberEnds(ends, flow.IsQuiet && after + ends.Length >= flow.Plan.Ends.Count);
    }

    internal async Task<FlowResultPage?> ResultAsync(OpenFlow flow, int from) => flow.Plan.State == JobState.Succeeded ? await _results.ReadAsync(flow, 0, from) : null;

    internal async Task<FlowResultPage?> InputAsync(OpenFlow flow, int member, int from) => (member < 0 || member >= flow.Plan.Count ? (-1, false) : FlowInputs.SourceOf(flow.Plan, member)) switch
    {
        ( < 0, _) => null,
        (var node, true) => FlowResults.PageOf(await _results.ErrorOfAsync(flow, flow.Plan.At(node).FailedBy)),
        (var node, _) => await _results.ReadAsync(flow, node, from),
    };

    private static FlowCounts Count(FlowPlan plan)
    {
        var counts = new int[(int)JobState.Expired + 1];
        var total = 0;
        for (var i = 0; i < plan.Count; i++)
        {
            if (plan.At(i).Kind == FlowNodeKind.Job && plan.Shown(i) is var state && (state == plan.At(i).State || !IsInCallback(plan, i)))
            {
                counts[(int)state]++;
                total++;
            }
        }

        return new FlowCounts
        {
            Total = total,
            Waiting = counts[(int)JobState.Waiting],
            Running = counts[(int)JobState.Running],
            Succeeded = counts[(int)JobState.Succeeded],
            Failed = counts[(int)JobState.Failed],
            Cancelled = counts[(int)JobState.Cancelled],
            Expired = counts[(int)JobState.Expired],
        };
    }

    private static bool IsInCallback(FlowPlan plan, int index)
    {
        while (index >= 0 && plan.At(index).Role == FlowNodeRole.Member)
        {
            index = plan.At(index).Parent;
        }

        return index >= 0;
    }

    private static string Word(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
