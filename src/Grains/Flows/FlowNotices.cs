using Krewe.Queues;
using Microsoft.Extensions.Logging;

namespace Krewe.Flows;

/// <summary>Tells flows how their members ended. One per silo, thread-safe.</summary>
/// <remarks>
/// One call to a flow at a time; what ends meanwhile travels in the next. What cannot be told within a minute is dropped, and what waits here dies with the silo: the members' records are durable,
/// and a flow that hears nothing asks for them, at once when a silo has died. So nothing is lost, and nothing here needs to be.
/// </remarks>
internal sealed class FlowNotices(FlowGrains grains, ILogger<ChordGrain> logger)
{
    /// <summary>Ends that may wait here for all flows together.</summary>
    internal const int MaxWaiting = 1_000_000;

    private const int MaxEnds = 2_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<MemberEnd>> _waiting = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>A member ended, durably. Returns at once.</summary>
    internal void Post(string flowId, MemberEnd end)
    {
        lock (_gate)
        {
            if (_count >= MaxWaiting)
            {
                return;
            }

            _count++;
            if (_waiting.TryGetValue(flowId, out var ends))
            {
                ends.Enqueue(end);
                return;
            }

            _waiting[flowId] = new([end]);
        }

        // Off the caller's turn: the ends of one commit that belong to the same flow are posted before the first call takes them.
        ThreadPool.UnsafeQueueUserWorkItem(static told => _ = told.Notices.TellAllAsync(told.FlowId), (Notices: this, FlowId: flowId), preferLocal: false);
    }

    /// <summary>Cancels a flow whose place nobody needs any more. Best effort: one that goes on does no harm.</summary>
    internal void Cancel(string flowId, string? reason) => CancelAsync(flowId, reason).Ignore();

    private async Task CancelAsync(string flowId, string? reason)
    {
        try
        {
            await grains.AskAsync(flowId, flow => flow.CancelAsync(reason), RetriedCall.WriteBudget, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.UpkeepFailed(logger, flowId, exception.Message); // Broad: nobody waits for it.
        }
    }

    private async Task TellAllAsync(string flowId)
    {
        while (Take(flowId) is { } ends)
        {
            try
            {
                await grains.AskAsync(
                    flowId,
                    async flow =>
                    {
                        await flow.EndedAsync(ends).ConfigureAwait(false);
                        return true;
                    },
                    RetriedCall.WriteBudget,
                    CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                Log.NoticeDropped(logger, flowId, ends.Length, exception.Message); // Broad: whatever it was, other ends must be told; the flow asks for these.
            }
        }
    }

    private MemberEnd[]? Take(string flowId)
    {
        lock (_gate)
        {
            var ends = _waiting[flowId];
            if (ends.Count == 0)
            {
                _waiting.Remove(flowId);
                return null;
            }

            var taken = new MemberEnd[Math.Min(ends.Count, MaxEnds)];
            for (var i = 0; i < taken.Length; i++)
            {
                taken[i] = ends.Dequeue();
            }

            _count -= taken.Length;
            return taken;
        }
    }
}
