namespace Krewe.Load.Jobs;

/// <summary>Holds a slot of the silo until the gate opens.</summary>
/// <remarks>
/// How a backlog is made in a warm silo: as many gates as there are slots are enqueued and started, so the worker claims nothing more. What is enqueued then stays
/// queued, as behind any busy worker, and the product needs no switch for it. When the gate opens all slots become free at once. The outcomes of the gates are
/// recorded within the measured time and are not counted as jobs.
/// </remarks>
[Job("load.gate", Priority = 9)]
internal sealed record Gate(int Number) : IJob;

/// <summary>Waits at the gate. When the silo stops first, the job goes back to its queue.</summary>
internal sealed class GateHandler(StartLedger ledger) : IJobHandler<Gate>
{
    public Task HandleAsync(Gate job, JobContext context, CancellationToken cancellationToken) => ledger.WaitAtGateAsync(cancellationToken);
}
