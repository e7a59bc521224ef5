using Krewe.Flows;

namespace Krewe;

/// <summary>Begins a chain: steps that run one after the other, each with the previous one's result as its input.</summary>
/// <example><code>
/// var order = Chain.Of(new ReserveStock("42"))
///     .Then(new TakePayment("42").OnError(new AlertBilling("42")))
///     .Then(new ShipOrder("42"))
///     .OnError(new ReleaseStock("42"));
/// FlowHandle&lt;Parcel&gt; handle = await jobs.EnqueueAsync(order);
/// </code></example>
public static class Chain
{
    /// <summary>A chain of one step.</summary>
    /// <typeparam name="T">The step's result.</typeparam>
    /// <param name="first">A job or a flow. Its input is the chain's own: none where the chain is the whole flow.</param>
    public static Chain<T> Of<T>(IFlowStep<T> first) => Begin<T>(first);

    /// <summary>A chain of one step without a declared result.</summary>
    /// <inheritdoc cref="Of{T}(IFlowStep{T})"/>
    public static Chain<object?> Of(IFlowStep first) => Begin<object?>(first);

    private static Chain<T> Begin<T>(IFlowStep first)
    {
        ArgumentNullException.ThrowIfNull(first);
        return new(new ChainLink(null, first), FlowCallbacks.None);
    }
}

/// <summary>Steps that run one after the other, at least one. Its result is the last step's; where a step does not succeed, those after it are <see cref="JobState.Cancelled"/>.</summary>
/// <inheritdoc cref="Chain"/>
/// <remarks>A step that does not read its input is free to ignore it. A step behind a group runs when all of the group has succeeded and gets the array of its results.</remarks>
/// <typeparam name="T">The last step's result.</typeparam>
public sealed class Chain<T> : Flow<T>
{
    private readonly ChainLink _last;

    internal Chain(ChainLink last, FlowCallbacks callbacks)
        : base(callbacks) => _last = last;

    internal override FlowShape Shape => new ChainShape(_last);

    /// <summary>The chain with one more step. Callbacks attached so far are for the whole of it.</summary>
    /// <typeparam name="TNext">The step's result.</typeparam>
    /// <param name="next">A job or a flow; its input is this chain's result.</param>
    public Chain<TNext> Then<TNext>(IFlowStep<TNext> next) => Append<TNext>(next);

    /// <summary>The chain with one more step that has no declared result.</summary>
    /// <inheritdoc cref="Then{TNext}(IFlowStep{TNext})"/>
    public Chain<object?> Then(IFlowStep next) => Append<object?>(next);

    /// <summary>Attaches a step that runs once when the whole chain has succeeded, with its result as the input. The flow does not wait for it. May be called again for one more.</summary>
    /// <param name="callback">A job or a flow.</param>
    public Chain<T> OnSuccess(IFlowStep callback) => new(_last, Callbacks.AddOnSuccess(callback));

    /// <summary>Attaches a step that runs once when the chain has failed, was cancelled or expired, with a <see cref="FlowError"/> as the input. The flow does not wait for it. May be called again for one more.</summary>
    /// <param name="callback">A job or a flow.</param>
    public Chain<T> OnError(IFlowStep callback) => new(_last, Callbacks.AddOnError(callback));

    private Chain<TNext> Append<TNext>(IFlowStep next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return new(new ChainLink(_last, next), Callbacks);
    }
}
