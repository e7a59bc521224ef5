using Krewe.Queues;

namespace Krewe.Flows;

/// <summary>Calls to flows' grains, repeated while the cluster moves them.</summary>
internal sealed class FlowGrains(IGrainFactory grains, TimeProvider time)
{
    /// <summary>Asks until somebody answers: who waits for hours is not to be told of a minute's outage.</summary>
    internal Task<T> InsistAsync<T>(string flowId, Func<IChordGrain, Task<T>> call, CancellationToken cancellationToken) =>
        InsistAsync(() => AskAsync(flowId, call, RetriedCall.ReadBudget, cancellationToken), cancellationToken);

    /// <summary>The same, for a call that the grain holds until there is news.</summary>
    internal Task<T> AwaitAsync<T>(string flowId, Func<IChordGrain, Task<T>> call, CancellationToken cancellationToken) =>
        InsistAsync(() => AskAsync(new RetriedCall(time, RetriedCall.ReadBudget, isHeld: true), flowId, call, cancellationToken), cancellationToken);

    /// <inheritdoc cref="InsistAsync{T}(string, Func{IChordGrain, Task{T}}, CancellationToken)"/>
    internal Task<T> InsistAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken) => RetriedCall.InsistAsync(ask, time, cancellationToken);

    /// <exception cref="StoreUnavailableException">Nobody answered within the budget.</exception>
    internal Task<T> AskAsync<T>(string flowId, Func<IChordGrain, Task<T>> call, TimeSpan budget, CancellationToken cancellationToken) =>
        AskAsync(new RetriedCall(time, budget), flowId, call, cancellationToken);

    private Task<T> AskAsync<T>(RetriedCall repeated, string flowId, Func<IChordGrain, Task<T>> call, CancellationToken cancellationToken) =>
        repeated.RunAsync(
            static asked => asked.Call(RetriedCall.Connected(() => asked.Grains.GetGrain<IChordGrain>(asked.FlowId))), (Grains: grains, FlowId: flowId, Call: call), cancellationToken);
}
