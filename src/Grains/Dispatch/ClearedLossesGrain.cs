using Orleans.Concurrency;

namespace Krewe.Dispatch;

/// <summary>Keeps the silos for whose death a culprit was found. One, key <c>all</c>; written once per such culprit.</summary>
[Alias("krewe.cleared-losses")]
internal interface IClearedLossesGrain : IGrainWithStringKey
{
    /// <summary>Adds silos (parsable, with generation); gives all.</summary>
    [Alias("add")]
    Task<string[]> AddAsync(string[] silos);

    /// <summary>All that are kept.</summary>
    [Alias("list"), ReadOnly]
    Task<string[]> ListAsync();
}

/// <inheritdoc cref="IClearedLossesGrain"/>
[GrainType("krewe.cleared-losses")]
internal sealed class ClearedLossesGrain([PersistentState("cleared", "krewe")] IPersistentState<ClearedLossesState> stored) : Grain, IClearedLossesGrain
{
    /// <summary>The oldest go beyond this: each stands for a silo's death, and jobs of so long ago have run or ended by now.</summary>
    internal const int MaxSilos = 1_000;

    public async Task<string[]> AddAsync(string[] silos)
    {
        var fresh = silos.Except(stored.State.Silos).ToList();
        if (fresh.Count > 0)
        {
            stored.State.Silos = [.. stored.State.Silos.Concat(fresh).TakeLast(MaxSilos)];
            await stored.WriteStateAsync();
        }

        return [.. stored.State.Silos];
    }

    public Task<string[]> ListAsync() => Task.FromResult<string[]>([.. stored.State.Silos]);
}

/// <summary>The stored form of <see cref="IClearedLossesGrain"/>.</summary>
[GenerateSerializer, Alias("krewe.cleared-losses-state")]
internal sealed class ClearedLossesState
{
    /// <summary>Oldest first.</summary>
    [Id(0)]
    public List<string> Silos { get; set; } = [];
}
