using Krewe.Storage;

namespace Krewe.Store.Conformance;

/// <summary>What a store of flows should hold, in the plainest terms: a dictionary. Times to live never pass in it.</summary>
internal sealed class FlowModel
{
    internal Dictionary<string, (FlowHead Head, List<byte[]> Log)> Flows { get; } = [];

    internal IEnumerable<string> OpenIds => Flows.Where(flow => flow.Value.Head.IsOpen).Select(flow => flow.Key).Order(StringComparer.Ordinal);

    internal IEnumerable<(string Id, FlowHead Head)> Newest => Flows
        .OrderByDescending(flow => flow.Value.Head.CreatedAt)
        .ThenByDescending(flow => flow.Key, StringComparer.Ordinal)
        .Select(flow => (flow.Key, flow.Value.Head));

    internal FlowAppend Append(string id, long expectedLength, FlowHead head, IReadOnlyList<byte[]> entries)
    {
        var isThere = Flows.TryGetValue(id, out var flow);
        if (isThere ? expectedLength == 0 || expectedLength != flow.Log.Count : expectedLength != 0)
        {
            return FlowAppend.WrongLength;
        }

        Flows[id] = isThere ? (head with { CreatedAt = flow.Head.CreatedAt }, [.. flow.Log, .. entries]) : (head, [.. entries]);
        return FlowAppend.Taken;
    }
}
