using System.Globalization;
using Krewe.Queues;

namespace Krewe.Flows;

/// <summary>A flow to send.</summary>
/// <param name="Root">A flow, or a single job.</param>
/// <param name="Flow">What its grain is told of it as a whole.</param>
/// <param name="Target">What it is compiled for.</param>
internal sealed record FlowOrder(IFlowStep Root, NewFlow Flow, FlowTarget Target)
{
    internal string Id => Target.FlowId;
}

/// <summary>Sends flows to their grains: a short one in one call, a long one in pieces, one after the other, while its lazy headers are read. Thread-safe.</summary>
/// <remarks>
/// A piece is 500 nodes or about 512 KiB of args, or what has come when nothing more came for 30 seconds, be it nothing: a flow of which nothing is heard for 5 minutes is cancelled. Before a first
/// piece goes out alone, all of the flow that is there already is checked. What is refused later cancels the flow.
/// </remarks>
internal sealed class FlowSender(IGrainFactory grains, FlowCompiler compiler, TimeProvider time)
{
    internal const int MaxNodes = 500;
    internal const int MaxBytes = 512 * 1024;
    internal static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    private const int NodeBytes = 32;

    /// <summary>Sends a flow; completes when all of it is durable.</summary>
    /// <returns>Whether a flow of its id was there already; then nothing was added.</returns>
    /// <exception cref="InvalidJobException">A step cannot work, or a lazy header threw; says what was stored.</exception>
    /// <exception cref="StoreUnavailableException">Nobody answered; says whether the flow may have been stored.</exception>
    internal async Task<bool> SendAsync(FlowOrder order, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var sending = new Sending(order);
        try
        {
            return await SendAllAsync(sending, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException exception)
        {
            throw sending.Explain(exception);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"Gave up waiting. {sending.WhatIsKnown()}", exception, cancellationToken);
        }
        catch (KreweException exception) when (sending.MayHaveArrived && exception is not QueueFullException)
        {
            await AbandonAsync(order).ConfigureAwait(false);
            throw new InvalidJobException($"{exception.Message} The flow was stored in part as '{order.Id}' and is cancelled.", exception);
        }
    }

    private async Task<bool> SendAllAsync(Sending sending, CancellationToken cancellationToken)
    {
        var order = sending.Order;
        var nodes = new NodeStream(token => compiler.CompileAsync(order.Root, order.Target, token), time, cancellationToken);
        await using (nodes.ConfigureAwait(false))
        {
            while (await nodes.NextAsync(MaxPause).ConfigureAwait(false) is var next and not NextNode.None)
            {
                var node = next == NextNode.Late ? null : nodes.Current;
                var bytes = node?.Job is null ? NodeBytes : EnqueueBatcher.SizeOf(node.Job);
                if (node is null ? await SignalAsync(sending, cancellationToken).ConfigureAwait(false)
                    : sending.IsFull(bytes, time) && await SendPieceAsync(sending, cancellationToken).ConfigureAwait(false))
                {
                    return true;
                }

                if (node is not null)
                {
                    sending.Add(node, bytes, time);
                }
            }
        }

        // Where pieces went before, they were this flow's: an answer that it is there is one to this very call, repeated.
        var isFirst = sending.First == 0;
        return await CallAsync(sending, isLast: true, cancellationToken).ConfigureAwait(false) && isFirst;
    }

    /// <summary>Sends what has come, or says that the client is there still.</summary>
    /// <returns>Whether the flow was there already.</returns>
    private async Task<bool> SignalAsync(Sending sending, CancellationToken cancellationToken)
    {
        var isEmpty = sending.IsEmpty;
        try
        {
            return !(isEmpty && sending.First == 0) && await SendPieceAsync(sending, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException) when (isEmpty)
        {
            return false; // Nothing was to be stored; it is said again soon, and once in 5 minutes is enough.
        }
    }

    /// <summary>Sends what has come.</summary>
    /// <returns>Whether the flow was there already.</returns>
    private async Task<bool> SendPieceAsync(Sending sending, CancellationToken cancellationToken)
    {
        if (sending.First == 0)
        {
            await compiler.CheckAsync(sending.Order.Root, sending.Order.Target, cancellationToken).ConfigureAwait(false);
        }

        return await CallAsync(sending, isLast: false, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> CallAsync(Sending sending, bool isLast, CancellationToken cancellationToken)
    {
        var (order, first, nodes) = (sending.Order, sending.First, sending.Take());
        var call = RetriedCall.ForWrite(time);
        try
        {
            var isThere = await call.RunAsync(
                static sent => RetriedCall.Connected(() => sent.Grains.GetGrain<IChordGrain>(sent.Order.Id)).AddAsync(sent.Order.Flow, sent.First, sent.Nodes, sent.IsLast),
                (Grains: grains, Order: order, First: first, Nodes: nodes, IsLast: isLast),
                cancellationToken).ConfigureAwait(false);
            sending.MayHaveArrived = true;
            return isThere;
        }
        catch (OperationCanceledException)
        {
            sending.MayHaveArrived = true;
            throw;
        }
        finally
        {
            sending.MayHaveArrived |= call.MayHaveArrived;
        }
    }

    /// <summary>Cancels what was stored of a flow that will never be whole.</summary>
    private async Task AbandonAsync(FlowOrder order)
    {
        try
        {
            await RetriedCall.ForRead(time).RunAsync(
                static sent => RetriedCall.Connected(() => sent.Grains.GetGrain<IChordGrain>(sent.Order.Id)).CancelAsync("The rest of the flow could not be enqueued."), (Grains: grains, Order: order)).ConfigureAwait(false);
        }
        catch (KreweException)
        {
            // It is not whole and nobody goes on with it, so it is cancelled all the same, 5 minutes from now.
        }
    }

    /// <summary>How far one flow has been sent.</summary>
    private sealed class Sending(FlowOrder order)
    {
        private readonly List<NewFlowNode> _nodes = [];
        private long _bytes;
        private long _since;

        internal FlowOrder Order => order;

        /// <summary>The index of the first node of the piece that is being filled.</summary>
        internal int First { get; private set; }

        /// <summary>Whether anything of the flow may have been stored.</summary>
        internal bool MayHaveArrived { get; set; }

        internal bool IsEmpty => _nodes.Count == 0;

        internal bool IsFull(int nextBytes, TimeProvider time) =>
            _nodes.Count == MaxNodes || (_nodes.Count > 0 && (_bytes + nextBytes > MaxBytes || time.GetElapsedTime(_since) > MaxPause));

        internal void Add(NewFlowNode node, int bytes, TimeProvider time)
        {
            if (_nodes.Count == 0)
            {
                _since = time.GetTimestamp();
            }

            _nodes.Add(node);
            _bytes += bytes;
        }

        internal NewFlowNode[] Take()
        {
            var nodes = _nodes.ToArray();
            _nodes.Clear();
            (_bytes, First) = (0, First + nodes.Length);
            return nodes;
        }

        internal StoreUnavailableException Explain(StoreUnavailableException exception) => MayHaveArrived
            ? new($"{exception.Message} {WhatIsKnown()}", exception) { MaybeStoredIds = [order.Id] }
            : new($"{exception.Message} {WhatIsKnown()}", exception);

        internal string WhatIsKnown() => MayHaveArrived
            ? string.Create(CultureInfo.InvariantCulture, $"The flow may have been stored as '{order.Id}', whole or in part; enqueue it again with FlowOptions.Id '{order.Id}', which stores it once. What stays in part is cancelled after 5 minutes.")
            : "Nothing was stored; enqueue the flow again later.";
    }
}
