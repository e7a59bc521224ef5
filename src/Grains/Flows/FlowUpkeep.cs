using Krewe.Storage;
using Microsoft.Extensions.Logging;

namespace Krewe.Flows;

/// <summary>Looks after this silo's share of the open flows.</summary>
internal sealed class FlowUpkeep(IFlowStore store, IGrainFactory grains, ILogger<ChordGrain> logger)
{
    private const int PageSize = 1_000;
    private const int AtATime = 16;

    /// <summary>Asks each open flow of the share to look after itself.</summary>
    /// <param name="isMine">Whether a flow belongs to the share.</param>
    /// <param name="cancellationToken">Stops between two flows.</param>
    internal async Task KeepUpAsync(Func<string, bool> isMine, CancellationToken cancellationToken)
    {
        string? after = null;
        while (await store.ListOpenAsync(after, PageSize) is { Count: > 0 } page)
        {
            await Parallel.ForEachAsync(page.Where(isMine), new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken }, async (id, _) => await KeepUpAsync(id));
            after = page[^1];
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
}
