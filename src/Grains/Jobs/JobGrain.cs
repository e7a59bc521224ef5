using Krewe.Dispatch;
using Krewe.Execution;
using Krewe.Placement;
using Orleans.Concurrency;

namespace Krewe.Jobs;

/// <summary>One claimed job while it runs. Key: <see cref="JobGrainKey"/>; lives on the silo that the key names, and nowhere else.</summary>
[Alias("krewe.job")]
internal interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Starts the handler and returns at once; false when this process does not hold the claim, or it was started or returned before.</summary>
    [Alias("start")]
    Task<bool> StartAsync(string token);

    /// <summary>Fires the handler's token; false when it does not run here.</summary>
    [Alias("cancel"), AlwaysInterleave]
    Task<bool> CancelAsync(string token, CancellationReason reason);
}

/// <summary>The grain of one attempt: a shell around <see cref="Attempts"/>.</summary>
/// <remarks>
/// The handler runs off the grain scheduler, in no awaited call: blocking or CPU-heavy handlers stall nothing, no response timeout and no stuck-grain rule
/// applies. <see cref="KeepAliveAttribute"/> keeps the grain while the handler runs; it deactivates itself at the end. The claim is the directory: the key names
/// the silo, so nothing is registered or looked up, and what another silo's death does to directories cannot touch a running job.
/// </remarks>
[GrainType(TypeName), SiloInKeyPlacement, Orleans.GrainDirectory.GrainDirectory(NoDirectory.Name), KeepAlive]
internal sealed class JobGrain(HeldClaims held, Attempts attempts) : Grain, IJobGrain
{
    internal const string TypeName = "krewe.job";

    public Task<bool> StartAsync(string token)
    {
        if (!held.TryGet(token, out var claim) || !claim.TryStart())
        {
            DeactivateOnIdle();
            return NotHere;
        }

        _ = attempts.RunAsync(claim, GrainContext);
        return Started;
    }

    public Task<bool> CancelAsync(string token, CancellationReason reason)
    {
        if (!held.TryGet(token, out var claim))
        {
            return NotHere;
        }

        claim.Control.Cancel(reason);
        return Started;
    }

    private static Task<bool> Started { get; } = Task.FromResult(true);

    private static Task<bool> NotHere { get; } = Task.FromResult(false);
}

/// <summary>The key of a job's grain: <c>token!silo!jobId</c>.</summary>
internal static class JobGrainKey
{
    internal static string Format(ClaimedJob job, string silo) => string.Concat(job.Token, "!", silo, "!" + job.JobId);

    internal static string Format(string token, string silo, string jobId) => string.Concat(token, "!", silo, "!" + jobId);
}
