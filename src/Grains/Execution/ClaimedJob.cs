using Krewe.Jobs;
using Krewe.Queues;
using Krewe.Storage;

namespace Krewe.Execution;

/// <summary>A job as it is handed to the worker that claimed it. Never stored.</summary>
/// <param name="Partition">Where it lies and where its outcome goes.</param>
/// <param name="Record">The record as of the claim.</param>
/// <param name="Claim">The claim, with its token.</param>
[GenerateSerializer, Immutable, Alias("krewe.claimed-job")]
internal sealed record ClaimedJob([property: Id(0)] PartitionKey Partition, [property: Id(1)] JobRecord Record, [property: Id(2)] JobClaim Claim)
{
    internal string Token => Claim.Token;

    internal string JobId => Partition.JobId(Record.Id);

    /// <summary>1 for the first try.</summary>
    internal int Attempt => Record.FailedAttempts + 1;
}
