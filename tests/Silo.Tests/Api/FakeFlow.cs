using System.Runtime.CompilerServices;
using Krewe.Flows;
using Krewe.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Krewe.Silo.Tests.Api;

/// <summary>A flow that answers as it is told.</summary>
internal sealed class FakeFlow(string id, bool isExisting = false) : FlowHandle(id, isExisting)
{
    public FlowInfo? Info { get; set; }

    public List<FlowNode> Nodes { get; } = [];

    /// <summary>How many nodes were read.</summary>
    public int Read { get; private set; }

    /// <summary>What cancel and redrive answer.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Adds a node; a job gets an id with its index and the name a.b.</summary>
    public FakeFlow With(int parent, string kind, JobState state = JobState.Waiting, string role = "member")
    {
        var isJob = kind == "job";
        Nodes.Add(new FlowNode { Index = Nodes.Count, Parent = parent, Kind = kind, Role = role, State = state, JobId = isJob ? $"default~0~{Id}.{Nodes.Count}" : null, JobName = isJob ? "a.b" : null });
        return this;
    }

    /// <summary>What a client would send of a flow, such as <c>chain(job:a.b !job:a.c)</c>; + and ! mark callbacks. Refuses what a client refuses.</summary>
    public static async Task<(string Text, NewFlowNode[] Nodes)> CompileAsync(Flow flow, FlowOptions? options, CancellationToken cancellationToken)
    {
        var services = new ServiceCollection();
        services.AddKreweJobClient();
        services.AddSingleton(FakeGrains.With().Factory);
        await using var provider = services.BuildServiceProvider();
        var target = new FlowTarget(options?.Id ?? "f") { Headers = options?.Headers };
        var nodes = await provider.GetRequiredService<FlowCompiler>().CompileAsync(flow, target, cancellationToken).ToArrayAsync(cancellationToken);
        return (Text(nodes, 0), nodes);
    }

    public override Task<FlowInfo?> GetInfoAsync(CancellationToken cancellationToken = default) => Task.FromResult(Info);

    public override async IAsyncEnumerable<FlowNode> GetNodesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var node in Nodes)
        {
            await Task.Yield();
            Read++;
            yield return node;
        }
    }

    public override Task<bool> CancelAsync(CancellationToken cancellationToken = default) => Task.FromResult(IsTaken);

    public override Task<bool> RedriveAsync(CancellationToken cancellationToken = default) => Task.FromResult(IsTaken);

    public override Task<JobState> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override Task<T> GetResultAsync<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override IAsyncEnumerable<JobHandle> EndedMembersAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    private static string Text(NewFlowNode[] nodes, int index)
    {
        var mark = nodes[index].Role switch
        {
            FlowNodeRole.OnSuccess => "+",
            FlowNodeRole.OnError => "!",
            _ => "",
        };
        var children = string.Join(' ', Enumerable.Range(0, nodes.Length).Where(child => nodes[child].Parent == index).Select(child => Text(nodes, child)));
        var name = nodes[index].Job is { } job ? $"job:{job.Name}" : nodes[index].Kind.ToString().ToLowerInvariant();
        return nodes[index].Job is not null && children.Length == 0 ? $"{mark}{name}" : $"{mark}{name}({children})";
    }
}
