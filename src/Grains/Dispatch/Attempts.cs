using Krewe.Execution;

namespace Krewe.Dispatch;

/// <summary>Runs attempts beside their grains: not on a grain's scheduler, so that what ends one attempt waits for no turn.</summary>
internal sealed class Attempts(JobRunner runner, Worker worker)
{
    /// <summary>Runs a claim that was started; tells the worker how it ended, then lets its grain go. Returns at the first await, never faults.</summary>
    public async Task RunAsync(HeldClaim claim, IGrainContext grain)
    {
        worker.Started(claim);
        var outcome = await runner.RunAsync(claim.Job, claim.Control).ConfigureAwait(false);
        if (claim.TryEnd())
        {
            worker.Completed(claim, outcome);
        }

        grain.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "The attempt has ended."));
    }
}
