using System.Collections.Concurrent;
using Krewe.Queues;

namespace Krewe.Api;

/// <summary>Which job names were ever declared, so that a misspelt one is refused instead of waiting for ever.</summary>
/// <remarks>A name that is known stays known for 30 days after its last silo; a minute of remembering spares a call per job. An unknown one is asked for each time.</remarks>
internal sealed class DeclaredNames(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan RememberFor = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _known = new();

    /// <summary>Lets a declared name pass.</summary>
    /// <exception cref="UnknownJobException">No silo ever declared it.</exception>
    /// <exception cref="StoreUnavailableException">The catalogue did not answer, though it was given the time to move off a silo that died.</exception>
    public async ValueTask RequireAsync(string name, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(name, out var since) && time.GetElapsedTime(since) < RememberFor)
        {
            return;
        }

        if (!await IsDeclaredAsync(name, cancellationToken))
        {
            _known.TryRemove(name, out _);
            throw new UnknownJobException(name);
        }

        _known[name] = time.GetTimestamp();
    }

    private async Task<bool> IsDeclaredAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await RetriedCall.ForWrite(time).RunAsync(
                static asked => asked.Grains.GetGrain<ICatalogueGrain>(0).IsNameDeclaredAsync(asked.Name), (Grains: grains, Name: name), cancellationToken);
        }
        catch (StoreUnavailableException exception)
        {
            throw new StoreUnavailableException($"The job name '{name}' could not be looked up, so nothing was stored; send it again later. {exception.Message}", exception);
        }
    }
}
