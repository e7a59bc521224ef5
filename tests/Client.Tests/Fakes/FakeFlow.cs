using System.Text;
using Krewe.Flows;

namespace Krewe.Client.Tests.Fakes;

/// <summary>One call of <see cref="IChordGrain.AddAsync"/>.</summary>
internal sealed record FlowPiece(NewFlow Flow, int First, NewFlowNode[] Nodes, bool IsLast);

/// <summary>Stands for a flow's grain. Keeps what it was sent; answers are replaceable.</summary>
internal sealed class FakeFlow(string id) : IChordGrain
{
    public string Id => id;

    public List<FlowPiece> Pieces { get; } = [];

    public List<string?> Cancels { get; } = [];

    /// <summary>Answers an add; may throw.</summary>
    public Func<FlowPiece, Task<bool>> OnAdd { get; set; } = _ => Task.FromResult(false);

    /// <summary>Answers a wait; the number says which it is, from 0.</summary>
    public Func<int, Task<FlowInfo?>> OnAwait { get; set; } = _ => Task.FromResult<FlowInfo?>(null);

    public FlowInfo? Info { get; set; }

    public FlowNode[]? Nodes { get; set; }

    /// <summary>Called before ends are answered, with how many were seen.</summary>
    public Action<int> OnAwaitEnds { get; set; } = _ => { };

    public (string JobId, JobState State)[] Ends { get; set; } = [];

    public string[] ResultPages { get; set; } = [];

    public int Awaits { get; private set; }

    public NewFlowNode[] Sent => [.. Pieces.SelectMany(piece => piece.Nodes)];

    public Task<bool> AddAsync(NewFlow flow, int first, NewFlowNode[] nodes, bool isLast)
    {
        Pieces.Add(new(flow, first, nodes, isLast));
        return OnAdd(Pieces[^1]);
    }

    public Task<FlowInfo?> GetInfoAsync() => Task.FromResult(Info);

    public Task<FlowNode[]?> GetNodesAsync(int from) => Task.FromResult(Nodes?[Math.Min(from, Nodes.Length)..Math.Min(from + 2, Nodes.Length)]);

    public Task<FlowInfo?> AwaitAsync() => OnAwait(Awaits++);

    public Task<MemberEnds?> AwaitEndsAsync(int after)
    {
        OnAwaitEnds(after);
        var page = Ends.Skip(after).Take(2).Select(end => KeyValuePair.Create(end.JobId, end.State)).ToArray();
        return Task.FromResult<MemberEnds?>(Ends.Length == 0 ? null : new(page, after + page.Length == Ends.Length));
    }

    public Task<FlowResultPage?> ReadResultAsync(int from) =>
        Task.FromResult<FlowResultPage?>(new(Encoding.UTF8.GetBytes(ResultPages[from]), from + 1 < ResultPages.Length ? from + 1 : -1));

    public Task<bool> CancelAsync(string? reason)
    {
        Cancels.Add(reason);
        return Task.FromResult(true);
    }

    public Task<bool> RedriveAsync() => Task.FromResult(true);

    public Task EndedAsync(MemberEnd[] ends) => throw new NotSupportedException();

    public Task KeepUpAsync() => throw new NotSupportedException();

    public Task<FlowResultPage?> ReadInputAsync(int member, int from) => throw new NotSupportedException();

    public Task GrowAsync(int member, string key, NewFlowNode[] nodes) => throw new NotSupportedException();
}
