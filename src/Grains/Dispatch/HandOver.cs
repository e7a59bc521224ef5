using Krewe.Hosting;
using Krewe.Jobs;

namespace Krewe.Dispatch;

/// <summary>The way of a claim from the answer of its partition to its job's grain on this silo.</summary>
internal sealed class HandOver(WorkerServices services, HeldClaims held, JobGrains jobs, SiloIdentity silo)
{
    /// <summary>Takes in what an answer brings.</summary>
    /// <returns>The claims that were not held here before.</returns>
    public List<HeldClaim> TakeIn(ClaimAnswer answer)
    {
        var taken = new List<HeldClaim>(answer.Claims.Length);
        foreach (var job in answer.Claims)
        {
            var claim = new HeldClaim(job, services.NewControl(job));
            if (!held.TryAdd(claim))
            {
                continue;
            }

            taken.Add(claim);
            if (job.Record.IsCancelRequested)
            {
                claim.Control.Cancel(CancellationReason.Cancelled); // The message of it may have come before the claim.
            }
        }

        return taken;
    }

    /// <summary>Starts a claim.</summary>
    /// <param name="claim">Handed to this silo.</param>
    /// <param name="giveBack">Called when its grain cannot be reached.</param>
    public void Start(HeldClaim claim, Action<HeldClaim> giveBack)
    {
        var start = jobs.Of(claim.Job, silo.Address).StartAsync(claim.Job.Token);
        if (!start.IsCompletedSuccessfully)
        {
            _ = WatchAsync(claim, start, giveBack);
        }
    }

    private async Task WatchAsync(HeldClaim claim, Task<bool> start, Action<HeldClaim> giveBack)
    {
        try
        {
            await start;
        }
        catch (Exception exception)
        {
            if (claim.Stage == ClaimStage.Handed)
            {
                Log.StartFailed(services.Logger, claim.Job.JobId, exception.Message);
                giveBack(claim);
            }
        }
    }
}
