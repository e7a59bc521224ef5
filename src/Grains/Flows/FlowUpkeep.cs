using Krewe.Dispatch;
using Krewe.Storage;
using Microsoft.Extensions.Logging;

namespace Krewe.Flows;

/// <summary>Looks after this silo's share of the open flows.</summary>
internal sealed class FlowUpkeep(IFlowStore store, IGrainFactory grains, ILogger<ChordGrain> logger)
{
    private const int PageSize = 1_000;
    private const int AtATime = 16;

    private Request? _request;
    private Rounds? _rounds;

    /// <summary>Asks each open flow of the share to look after itself, in the background. One call at a time.</summary>
    /// <param name="isMine">Whether a flow belongs to the share.</param>
    /// <param name="cancellationToken">Stops between two flows.</param>
    internal void KeepUp(Func<string, bool> isMine, CancellationToken cancellationToken)
    {
        _request = new Request(isMine, cancellationToken);
        _rounds ??= new Rounds(RoundAsync);
        _rounds.Ask();
    }

    private async Task RoundAsync()
    {
        var (isMine, cancellationToken) = _request!;
        try
        {
            string? after = null;
            while (!cancellationToken.IsCancellationRequested && await store.ListOpenAsync(after, PageSize) is { Count: > 0 } page)
            {
                await Parallel.ForEachAsync(page.Where(isMine), new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken }, async (id, _) => await KeepUpAsync(id));
                after = page[^1];
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception exception)
        {
            Log.CatalogueFailed(logger, exception.Message); // Whatever it was, the flows are looked after in the next round.
        }
    }

    private async Task KeepUpAsync(string id)
    {
        try
        {
            await grains.GetGrain<IChordGrain>(id).KeepUpAsync();
        }
        catch (Exception exception)
        {
            Log.UpkeepFailed(logger, id, exception.Message); // Broad: the other flows must be looked after, too.
        }
    }

    private sealed record Request(Func<string, bool> IsMine, CancellationToken CancellationToken);
}
