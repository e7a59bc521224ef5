using System.Collections.Concurrent;
using Krewe.Execution;

namespace Krewe.Grains.Tests.Execution;

/// <summary>Flows that say what a test sets, and remember what they were asked for.</summary>
internal sealed class FakeFlows : IFlowDoor
{
    internal Func<byte[]?> Input { get; set; } = static () => null;

    internal Func<string> Replacement { get; set; } = static () => "flow.r1";

    internal Func<Task> Growth { get; set; } = static () => Task.CompletedTask;

    internal ConcurrentQueue<object> Asked { get; } = new();

    public Task<byte[]?> ReadInputAsync(Attempt attempt) => Task.FromResult(Input());

    public Task<string> ReplaceAsync(Attempt attempt, IFlowStep replacement)
    {
        Asked.Enqueue(replacement);
        return Task.FromResult(Replacement());
    }

    public Task GrowAsync(Attempt attempt, int number, IReadOnlyList<IFlowStep> steps)
    {
        Asked.Enqueue((number, steps.Count));
        return Growth();
    }
}
