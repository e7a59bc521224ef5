using System.Globalization;
using Krewe.Execution;
using Krewe.Queues;

namespace Krewe.Flows;

/// <inheritdoc cref="IFlowDoor"/>
/// <remarks>Ids are made of the job's own and of what tells the request from its others, so that a handler that runs again asks for the same.</remarks>
internal sealed class FlowDoor(IGrainFactory grains, FlowSender sender, FlowCompiler compiler, TimeProvider time) : IFlowDoor
{
    public Task<byte[]?> ReadInputAsync(Attempt attempt) => InsistAsync(attempt, async cancellationToken =>
    {
        var (flow, member) = (grains.GetGrain<IChordGrain>(attempt.Job.Record.FlowId!), attempt.Job.Record.Member);
        using var json = new MemoryStream();
        for (var from = 0; from >= 0;)
        {
            var next = from;
            if (await Call().RunAsync(asked => asked.ReadInputAsync(member, next), flow, cancellationToken) is not { } page)
            {
                return null;
            }

            if (page.Next < 0 && json.Length == 0)
            {
                return page.Json;
            }

            json.Write(page.Json);
            from = page.Next;
        }

        return json.ToArray();
    });

    public Task<string> ReplaceAsync(Attempt attempt, IFlowStep replacement) => InsistAsync(attempt, async cancellationToken =>
    {
        var id = FlowIds.Shorten(string.Create(CultureInfo.InvariantCulture, $"{attempt.Job.Record.Id}.r{attempt.Job.Record.Run}"));
        var target = new FlowTarget(id) { Headers = attempt.Job.Record.Headers, ParentId = attempt.JobId };
        await sender.SendAsync(new FlowOrder(replacement, new NewFlow { ParentId = attempt.JobId, ReplacesId = attempt.JobId }, target), cancellationToken);
        return id;
    });

    public Task GrowAsync(Attempt attempt, int number, IReadOnlyList<IFlowStep> steps) => InsistAsync(attempt, async cancellationToken =>
    {
        if (attempt.Job.Record.FlowId is not { } flowId)
        {
            throw new InvalidJobException($"The job '{attempt.JobId}' belongs to no flow; AddToGroup is for members of a group or of a chord's header.");
        }

        var (key, nodes) = (string.Create(CultureInfo.InvariantCulture, $"{attempt.Job.Record.Member}.{attempt.Job.Record.Run}.{number}"), new List<NewFlowNode>());
        for (var i = 0; i < steps.Count; i++)
        {
            var target = new FlowTarget(FlowIds.Shorten(string.Create(CultureInfo.InvariantCulture, $"{attempt.Job.Record.Id}.a{number}-{i}"))) { Headers = attempt.Job.Record.Headers, ParentId = attempt.JobId, RootInput = FlowTypes.Unknown };
            var first = nodes.Count;
            await foreach (var node in compiler.CompileAsync(steps[i], target, cancellationToken))
            {
                nodes.Add(node with { Parent = node.Parent < 0 ? -1 : first + node.Parent });
            }
        }

        return await Call().RunAsync(
            async grown =>
            {
                await grown.GrowAsync(attempt.Job.Record.Member, key, [.. nodes]);
                return true;
            },
            grains.GetGrain<IChordGrain>(flowId),
            cancellationToken);
    });

    private RetriedCall Call() => new(time, RetriedCall.ReadBudget);

    private async Task<T> InsistAsync<T>(Attempt attempt, Func<CancellationToken, Task<T>> ask)
    {
        while (true)
        {
            try
            {
                return await ask(attempt.Control.Token);
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(RetriedCall.LastDelay, time, attempt.Control.Token);
            }
        }
    }
}
