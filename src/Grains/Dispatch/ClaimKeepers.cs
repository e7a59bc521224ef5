using Krewe.Execution;
using Krewe.Queues;

namespace Krewe.Dispatch;

/// <summary>The live silos, as those who hold claims.</summary>
internal interface IClaimKeepers
{
    /// <summary>What all live silos hold of a partition.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="epoch">The asker's: claims of earlier ones that have not arrived yet are void from here on.</param>
    /// <param name="mustHearAll">Whether to ask until each has answered or is dead; else a silo that does not answer within a second is passed over.</param>
    Task<IReadOnlyList<HeldToken>> HeldAsync(PartitionKey partition, long epoch, bool mustHearAll);

    /// <summary>The whole jobs of some claims of a silo, without those that it holds no longer.</summary>
    /// <param name="silo">Who holds them.</param>
    /// <param name="tokens">Few: their jobs travel in one message.</param>
    /// <param name="mustHear">Whether to ask until it has answered or is dead.</param>
    Task<IReadOnlyList<ClaimedJob>> TellAsync(SiloAddress silo, string[] tokens, bool mustHear);
}

/// <summary>A claim that a silo holds, by name alone.</summary>
/// <param name="Silo">Who holds it.</param>
/// <param name="Id">The last part of the job's id.</param>
/// <param name="Token">The claim's.</param>
[GenerateSerializer, Immutable, Alias("krewe.held-token")]
internal sealed record HeldToken([property: Id(0)] SiloAddress Silo, [property: Id(1)] string Id, [property: Id(2)] string Token);

/// <summary>Asks the workers of all active silos.</summary>
internal sealed class ClaimKeepers(IWorkerServices workers, IClusterMembershipService membership, TimeProvider time) : IClaimKeepers
{
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(15);

    private readonly SilentSilos _silent = new(time);

    public async Task<IReadOnlyList<HeldToken>> HeldAsync(PartitionKey partition, long epoch, bool mustHearAll)
    {
        if (mustHearAll)
        {
            await membership.ReadAnewAsync();
        }

        var silos = membership.CurrentSnapshot.Members.Values.Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping);
        var answers = await Task.WhenAll(silos.Select(silo => AskAsync(silo.SiloAddress, worker => worker.HeldAsync(partition, epoch), mustHearAll)));
        return [.. answers.SelectMany(static answer => answer)];
    }

    public async Task<IReadOnlyList<ClaimedJob>> TellAsync(SiloAddress silo, string[] tokens, bool mustHear) => await AskAsync(silo, worker => worker.TellAsync(tokens), mustHear);

    private Task<T[]> AskAsync<T>(SiloAddress silo, Func<IWorkerService, Task<T[]>> call, bool mustHear) => mustHear ? InsistAsync(silo, call) : TryAsync(silo, call);

    private async Task<T[]> TryAsync<T>(SiloAddress silo, Func<IWorkerService, Task<T[]>> call)
    {
        if (_silent.Contains(silo))
        {
            return [];
        }

        try
        {
            return await call(workers.On(silo)).WaitAsync(FirstPatience, time);
        }
        catch (Exception)
        {
            _silent.Add(silo); // Whatever it was, it is no answer.
            return [];
        }
    }

    private async Task<T[]> InsistAsync<T>(SiloAddress silo, Func<IWorkerService, Task<T[]>> call)
    {
        for (var patience = FirstPatience; ; patience = patience * 2 < LongestPatience ? patience * 2 : LongestPatience)
        {
            try
            {
                return await call(workers.On(silo)).WaitAsync(patience, time);
            }
            catch (Exception)
            {
                if (membership.CurrentSnapshot.GetSiloStatus(silo) is SiloStatus.Dead or SiloStatus.None)
                {
                    return [];
                }
            }

            await Task.Delay(FirstPatience, time);
        }
    }
}
