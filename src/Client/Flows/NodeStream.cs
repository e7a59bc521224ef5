namespace Krewe.Flows;

/// <summary>What a <see cref="NodeStream"/> has next.</summary>
internal enum NextNode
{
    /// <summary>It has ended.</summary>
    None,

    /// <summary>A node.</summary>
    Node,

    /// <summary>It lets wait; to be asked again.</summary>
    Late,
}

/// <summary>The nodes of a flow as they come, which tells when the next one lets wait. Not thread-safe.</summary>
internal sealed class NodeStream : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end;
    private readonly IAsyncEnumerator<NewFlowNode> _nodes;
    private Task<bool>? _pending;

    /// <param name="compile">Gives the nodes; its token also ends when the stream is let go of.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    internal NodeStream(Func<CancellationToken, IAsyncEnumerable<NewFlowNode>> compile, TimeProvider time, CancellationToken cancellationToken)
    {
        (_time, _end) = (time, CancellationTokenSource.CreateLinkedTokenSource(cancellationToken));
        _nodes = compile(_end.Token).GetAsyncEnumerator(_end.Token);
    }

    internal NewFlowNode Current => _nodes.Current;

    /// <summary>Moves to the next node, and waits for it for a while.</summary>
    internal async ValueTask<NextNode> NextAsync(TimeSpan patience)
    {
        if (_pending is null)
        {
            var next = _nodes.MoveNextAsync();
            if (next.IsCompleted)
            {
                return await next.ConfigureAwait(false) ? NextNode.Node : NextNode.None;
            }

            _pending = next.AsTask();
        }

        using var waited = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        await Task.WhenAny(_pending, Task.Delay(patience, _time, waited.Token)).ConfigureAwait(false);
        await waited.CancelAsync().ConfigureAwait(false);
        if (!_pending.IsCompleted && !_end.IsCancellationRequested)
        {
            return NextNode.Late;
        }

        var isThere = await _pending.WaitAsync(_end.Token).ConfigureAwait(false); // A source that does not heed its token is not waited for.
        _pending = null;
        return isThere ? NextNode.Node : NextNode.None;
    }

    /// <summary>Lets go of the source; while it is at work on a node, as soon as it heeds its token or has the node.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        if (_pending is { IsCompleted: false })
        {
            _ = DisposeLaterAsync(_pending);
            return;
        }

        await _nodes.DisposeAsync().ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task DisposeLaterAsync(Task pending)
    {
        await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _nodes.DisposeAsync().ConfigureAwait(false);
        _end.Dispose();
    }
}
