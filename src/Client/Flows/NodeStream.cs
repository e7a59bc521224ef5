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
internal sealed class NodeStream(IAsyncEnumerable<NewFlowNode> nodes, TimeProvider time, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<NewFlowNode> _nodes = nodes.GetAsyncEnumerator(cancellationToken);
    private Task<bool>? _pending;

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

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_pending, Task.Delay(patience, time, end.Token)).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        if (!_pending.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            return NextNode.Late;
        }

        var isThere = await _pending.ConfigureAwait(false);
        _pending = null;
        return isThere ? NextNode.Node : NextNode.None;
    }

    /// <summary>Lets go of the source; while it is at work on a node, as soon as it has it.</summary>
    public ValueTask DisposeAsync()
    {
        if (_pending is not { IsCompleted: false })
        {
            return _nodes.DisposeAsync();
        }

        _ = DisposeLaterAsync(_pending);
        return default;
    }

    private async Task DisposeLaterAsync(Task pending)
    {
        await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _nodes.DisposeAsync().ConfigureAwait(false);
    }
}
