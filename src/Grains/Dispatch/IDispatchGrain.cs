using Krewe.Execution;
using Krewe.Flows;
using Krewe.Jobs;
using Orleans.Concurrency;

namespace Krewe.Dispatch;

/// <summary>The owner of one queue partition, as workers and upkeep see it. Same grain and key as <see cref="Queues.IQueueGrain"/>.</summary>
[Alias("krewe.dispatch")]
internal interface IDispatchGrain : IGrainWithStringKey
{
    /// <summary>Claims queued jobs, highest priority first, then oldest. Returns at once, also with nothing.</summary>
    /// <exception cref="StoreUnavailableException">The store did not answer; what was claimed is offered again under the same tokens.</exception>
    [Alias("claim")]
    Task<ClaimAnswer> ClaimAsync(ClaimRequest request);

    /// <summary>Records how attempts ended. May be repeated: the same outcome told twice answers <see cref="OutcomeAnswer.Recorded"/> twice.</summary>
    [Alias("finish")]
    Task<OutcomeAnswer[]> FinishAsync(AttemptOutcome[] outcomes);

    /// <summary>Takes note of running jobs' progress; at most one write a second and job reaches the store.</summary>
    [Alias("progress"), OneWay]
    Task ProgressAsync(ProgressNote[] notes);

    /// <summary>The worker's silo leaves while these handlers still run: they keep their claims, and their loss is not charged.</summary>
    [Alias("leave")]
    Task LeaveAsync(string[] ids, string[] tokens);

    /// <summary>Starts jobs of flows, at most 256: those that are not there are added, those that ended in an earlier run are redriven, others are left as they are.</summary>
    [Alias("start-members")]
    Task<MemberAnswer[]> StartMembersAsync(NewJob[] jobs);

    /// <summary>Ends a job as the flow ended that took its place; does nothing to one that has ended otherwise.</summary>
    /// <returns>False: the job's attempt has not ended yet; ask again.</returns>
    [Alias("end-replaced")]
    Task<bool> EndReplacedAsync(string id, ReplacementEnd end);

    /// <summary>Lets the records of ended members of flows live for another while. What silos of version 0.1.0 call.</summary>
    [Alias("keep")]
    Task KeepAsync(string[] ids);

    /// <summary>Lets the records of ended members of flows live for another while, and so long from now at least.</summary>
    [Alias("keep-for")]
    Task KeepForAsync(string[] ids, TimeSpan atLeast);

    /// <summary>Opens the partition if it sleeps, rescues the claims of dead silos, and does its other upkeep.</summary>
    [Alias("ping")]
    Task PingAsync();
}

/// <summary>What a worker asks of a partition.</summary>
[GenerateSerializer, Immutable, Alias("krewe.claim-request")]
internal sealed record ClaimRequest
{
    /// <summary>The worker's silo, parsable, with its generation.</summary>
    [Id(0)]
    public required string Silo { get; init; }

    /// <summary>The silo's name, for people.</summary>
    [Id(1)]
    public required string WorkerName { get; init; }

    /// <summary>Free slots, 0..1,000.</summary>
    [Id(2)]
    public required int Max { get; init; }

    /// <summary>Counts this worker's calls to this partition; claims of earlier calls that it does not hold are offered again.</summary>
    [Id(3)]
    public required long Sequence { get; init; }

    /// <summary>Every token of this partition that the worker holds; null while its previous call was answered by the same epoch, because then nothing can be missing.</summary>
    [Id(4)]
    public string[]? Held { get; init; }

    /// <summary>The epoch of the last answer; another one makes the owner ask for <see cref="Held"/> and <see cref="Handlers"/>.</summary>
    [Id(5)]
    public long Epoch { get; init; }

    /// <summary>The job names that the worker handles; null: as told before in this epoch.</summary>
    [Id(6)]
    public string[]? Handlers { get; init; }

    /// <summary>Whether the silo may take a suspect: it runs none, and no other call of its may bring one.</summary>
    [Id(7)]
    public bool CanTakeSuspect { get; init; }

    /// <summary>How many new jobs it would take at once if it is told now that nothing waits, 0..16: they may be claimed for it as they are added.</summary>
    [Id(8)]
    public int Spare { get; init; }

    /// <summary>The lowest epoch whose answers it takes: a partition's owner was told at that one what it holds.</summary>
    [Id(9)]
    public long LowestEpoch { get; init; }
}

/// <summary>What a worker gets.</summary>
[GenerateSerializer, Immutable, Alias("krewe.claim-answer")]
internal sealed record ClaimAnswer
{
    /// <summary>Claims, new and offered again, in order.</summary>
    [Id(0)]
    public required ClaimedJob[] Claims { get; init; }

    [Id(1)]
    public required long Epoch { get; init; }

    /// <summary>Whether it is worth asking again at once.</summary>
    [Id(2)]
    public bool HasMore { get; init; }

    /// <summary>The highest priority that waits; -1: none.</summary>
    [Id(3)]
    public int HeadPriority { get; init; } = -1;

    /// <summary>Whether the owner does not know this worker: the next call must carry Held and Handlers.</summary>
    [Id(4)]
    public bool IsIntroductionNeeded { get; init; }

    /// <summary>Whether a suspect waits that this call was not allowed to take.</summary>
    [Id(5)]
    public bool HasSuspect { get; init; }
}

/// <summary>How the owner took an outcome.</summary>
internal enum OutcomeAnswer
{
    /// <summary>It is durable.</summary>
    Recorded = 0,

    /// <summary>The claim was no longer this worker's; the outcome was dropped and counted.</summary>
    Fenced = 1,
}

/// <summary>A running job's progress on its way to the owner.</summary>
[GenerateSerializer, Immutable, Alias("krewe.progress-note")]
internal sealed record ProgressNote([property: Id(0)] string Id, [property: Id(1)] string Token, [property: Id(2)] JobProgress Progress);
