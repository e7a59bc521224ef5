using System.Text;
using Krewe.Storage;
using Xunit;

namespace Krewe.Store.Conformance;

/// <summary>The base of the classes of the suite that look at flows.</summary>
public abstract class FlowTest : StoreTest
{
    private protected static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    /// <summary>For what must be written again before it is gone: a slow disk needs a while for that.</summary>
    private protected static readonly TimeSpan Later = TimeSpan.FromSeconds(1);

    private protected IFlowStore Flows => Harness.Flows;

    private protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private protected static FlowHead Open(string summary = "open", int minute = 0) => new(Steps.Noon.AddMinutes(minute), true, null, Bytes(summary));

    private protected static FlowHead Closed(string summary = "closed", TimeSpan? ttl = null, int minute = 0) => new(Steps.Noon.AddMinutes(minute), false, ttl, Bytes(summary));

    /// <summary>Appends one entry a text, which must be taken.</summary>
    private protected async Task AppendedAsync(string id, long expectedLength, FlowHead head, params string[] entries) =>
        Assert.Equal(FlowAppend.Taken, await Flows.AppendAsync(id, expectedLength, head, [.. entries.Select(Bytes)]));

    private protected async Task<FlowLogPage> FoundFlowAsync(string id, long from = 0)
    {
        var page = await Flows.ReadAsync(id, from);
        Assert.NotNull(page);
        return page;
    }

    /// <summary>A flow in words: length, state, summary, entries; "none" when it is not there.</summary>
    private protected async Task<string> DescribeAsync(string id) => await Flows.ReadAsync(id, 0) is { } page ? Describe(page.Head, page.Length, page.Entries) : "none";

    private protected static string Describe(FlowHead head, long length, IEnumerable<byte[]> entries) =>
        $"{length} {(head.IsOpen ? "open" : "closed")} {head.Ttl} {head.CreatedAt:O} {Convert.ToHexString(head.Summary)}: {string.Join(',', entries.Select(Convert.ToHexString))}";

    private protected async Task<List<string>> OpenIdsAsync(int pageSize = 1000)
    {
        List<string> ids = [];
        while (ids.Count < 100_000)
        {
            var page = await Flows.ListOpenAsync(ids.Count == 0 ? null : ids[^1], pageSize);
            ids.AddRange(page);
            if (page.Count < pageSize)
            {
                break;
            }
        }

        return ids;
    }

    private protected async Task<List<(string Id, FlowHead Head)>> HeadsAsync(int pageSize = 200)
    {
        List<(string Id, FlowHead Head)> flows = [];
        string? after = null;
        do
        {
            var page = await Flows.ListAsync(after, pageSize);
            Assert.True(page.Flows.Count <= pageSize, "A page holds more flows than asked for.");
            flows.AddRange(page.Flows);
            after = page.Next;
        }
        while (after is not null && flows.Count < 100_000);

        return flows;
    }

    private protected async Task<IEnumerable<string>> ListedIdsAsync(int pageSize = 200) => (await HeadsAsync(pageSize)).Select(flow => flow.Id);
}
