using System.Runtime.CompilerServices;

namespace Krewe.Flows;

/// <summary>The children of a node in their order: callbacks first, then members. Callbacks come first so that they are known when the first member of a lazy header fails.</summary>
/// <param name="types">Says what the steps of a chain hand on.</param>
/// <param name="skipsLazy">Whether members that may be read once only are passed over.</param>
internal sealed class FlowChildren(FlowTypes types, bool skipsLazy)
{
    /// <summary>The children of a step that has become a node.</summary>
    internal async IAsyncEnumerable<FlowChild> OfAsync(FlowChild node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (callbacks, shape) = node.Step switch
        {
            Flow flow => (flow.Callbacks, flow.Shape),
            IJobStep step => (step.Parts.Callbacks, null),
            _ => (FlowCallbacks.None, (FlowShape?)null),
        };
        foreach (var child in OfCallbacks(node, callbacks))
        {
            yield return child;
        }

        switch (shape)
        {
            case ChainShape chain:
                foreach (var child in OfChain(node, chain))
                {
                    yield return child;
                }

                break;
            case ChordShape chord:
                // The group of a chord is written as part of it, so it is no level of its own.
                yield return new(chord.Header, FlowNodeRole.Member, node.Place.Child(FlowPlace.Header), node.Input, node.Level);
                yield return Member(node, chord.Body, node.Place.Child("body")) with { Input = chord.Header.ResultType };
                break;
            case GroupShape group when group.Members.Count is not null || !skipsLazy:
                await foreach (var child in OfGroupAsync(node, group.Members, cancellationToken).ConfigureAwait(false))
                {
                    yield return child;
                }

                break;
        }
    }

    private IEnumerable<FlowChild> OfCallbacks(FlowChild node, FlowCallbacks callbacks)
    {
        for (var index = 0; index < callbacks.OnSuccess.Count; index++)
        {
            var place = node.Place.Child("onSuccess", callbacks.OnSuccess.Count == 1 ? -1 : index);
            yield return new(callbacks.OnSuccess[index], FlowNodeRole.OnSuccess, place, types.ResultOf(node.Step!), node.Level + 1);
        }

        for (var index = 0; index < callbacks.OnError.Count; index++)
        {
            var place = node.Place.Child("onError", callbacks.OnError.Count == 1 ? -1 : index);
            yield return new(callbacks.OnError[index], FlowNodeRole.OnError, place, typeof(FlowError), node.Level + 1);
        }
    }

    private IEnumerable<FlowChild> OfChain(FlowChild node, ChainShape chain)
    {
        var (steps, input) = (chain.Last.ToSteps(), node.Input);
        for (var index = 0; index < steps.Length; index++)
        {
            yield return Member(node, steps[index], node.Place.Child("chain", index)) with { Input = input };

            // Asked for when the step has become a node: whatever is wrong with it was refused there.
            input = types.ResultOf(steps[index]);
        }
    }

    private static async IAsyncEnumerable<FlowChild> OfGroupAsync(FlowChild node, FlowMembers members, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var source = (members.Later ?? members.Now!.ToAsyncEnumerable()).GetAsyncEnumerator(cancellationToken);
        await using (source.ConfigureAwait(false))
        {
            for (var index = 0; await MoveNextAsync(source, node.Place, index, cancellationToken).ConfigureAwait(false); index++)
            {
                yield return Member(node, source.Current, PlaceOf(node.Place, index));
            }
        }
    }

    /// <summary>Reads on in what a user wrote: anything may come out of it.</summary>
    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<IFlowStep> members, FlowPlace place, int index, CancellationToken cancellationToken)
    {
        try
        {
            return await members.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            throw PlaceOf(place, index).Refused($"the members of a group must be readable to their end, got {exception.GetType().Name}: {exception.Message} Mend what makes them, then enqueue the flow again.", exception);
        }
    }

    /// <summary>A member of a chord's header is <c>header[3]</c>, one of any other group <c>group[3]</c>.</summary>
    private static FlowPlace PlaceOf(FlowPlace group, int index) => group.IsHeader ? group.Numbered(index) : group.Child("group", index);

    private static FlowChild Member(FlowChild parent, IFlowStep? step, FlowPlace place) => new(step, FlowNodeRole.Member, place, parent.Input, parent.Level + 1);
}
