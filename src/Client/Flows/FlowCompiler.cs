using System.Runtime.CompilerServices;

namespace Krewe.Flows;

/// <summary>Turns a flow into the nodes that travel: parents before their children, a node's callbacks before its members, each in order.</summary>
/// <remarks>
/// <para>
/// Every job gets its id, queue and partition here, so that every continuation can be repeated: the id is the flow's with the node's index, unless the step has its own, and the
/// partition is the one that the id's hash leads to, as for a caller's own id.
/// </para>
/// <para>
/// Nothing is held but the open nodes on the way down, so a lazy header of any length costs nothing; the ids that steps brought along are remembered to be told apart. The walk
/// uses no call stack: however deep a flow is nested, it ends with a sentence.
/// </para>
/// </remarks>
internal sealed class FlowCompiler(FlowParts parts)
{
    /// <summary>Compiles a flow. Lazy members are read while the nodes are, once.</summary>
    /// <param name="root">A flow, or a single job.</param>
    /// <param name="target">What it is compiled for.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="InvalidJobException">A step cannot work; the message names its place. Thrown when the step is reached.</exception>
    /// <exception cref="PayloadTooLargeException">The args of a step are over the limit.</exception>
    /// <exception cref="UnknownQueueException">The queue of a step does not exist.</exception>
    internal IAsyncEnumerable<NewFlowNode> CompileAsync(IFlowStep root, FlowTarget target, CancellationToken cancellationToken = default) =>
        WalkAsync(root, target, new(parts.Types, skipsLazy: false), cancellationToken);

    /// <summary>Refuses what cannot work of all that is there already: everything but lazy members.</summary>
    /// <inheritdoc cref="CompileAsync"/>
    internal async Task CheckAsync(IFlowStep root, FlowTarget target, CancellationToken cancellationToken = default)
    {
        await foreach (var _ in WalkAsync(root, target, new(parts.Types, skipsLazy: true), cancellationToken).ConfigureAwait(false))
        {
        }
    }

    private async IAsyncEnumerable<NewFlowNode> WalkAsync(IFlowStep root, FlowTarget target, FlowChildren children, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var maker = new FlowNodeMaker(parts, target);
        var open = new Stack<(int Index, IAsyncEnumerator<FlowChild> Children)>();
        try
        {
            var first = new FlowChild(root, FlowNodeRole.Member, FlowPlace.Root, target.RootInput, Level: 1);
            yield return await maker.MakeAsync(first, -1, cancellationToken).ConfigureAwait(false);
            open.Push((0, children.OfAsync(first, cancellationToken).GetAsyncEnumerator(cancellationToken)));
            while (open.TryPeek(out var top))
            {
                if (!await top.Children.MoveNextAsync().ConfigureAwait(false))
                {
                    await open.Pop().Children.DisposeAsync().ConfigureAwait(false);
                    continue;
                }

                var (child, index) = (top.Children.Current, maker.Count);
                yield return await maker.MakeAsync(child, top.Index, cancellationToken).ConfigureAwait(false);
                if (child.Step is not IJob)
                {
                    open.Push((index, children.OfAsync(child, cancellationToken).GetAsyncEnumerator(cancellationToken)));
                }
            }
        }
        finally
        {
            while (open.TryPop(out var left))
            {
                await left.Children.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
