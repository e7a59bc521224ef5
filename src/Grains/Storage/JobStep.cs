using Krewe.Jobs;

namespace Krewe.Storage;

/// <summary>One transition of one job, to be taken atomically by the store or refused with a reason. Made by <c>JobTransitions</c> only.</summary>
/// <remarks>
/// The store compares before it writes: the job must lie in one of <see cref="From"/>, and where <see cref="Token"/> is set, the claim beside it must carry that
/// token. It then leaves the old place as the <em>stored</em> place, lane and position say, and enters <see cref="To"/>.
/// </remarks>
internal sealed record JobStep
{
    /// <summary>The verb of the transition, for logs, metrics and the conformance suite.</summary>
    public required JobVerb Verb { get; init; }

    /// <summary>The last part of the job's id.</summary>
    public required string Id { get; init; }

    /// <summary>Where the job may lie now; <see cref="JobPlace.Nowhere"/> alone: it must not exist.</summary>
    public required JobPlace From { get; init; }

    /// <summary>Whether it brings work from outside, which a full store may refuse; what was acknowledged before and lost since is no such work.</summary>
    public bool IsNewWork => From == JobPlace.Nowhere && Verb != JobVerb.Readd && !IsOwed;

    /// <summary>Whether it follows from acknowledged work.</summary>
    public bool IsOwed { get; init; }

    /// <summary>Where it goes; <see cref="JobPlace.Nowhere"/> is not allowed (records leave by time to live or purge).</summary>
    public required JobPlace To { get; init; }

    /// <summary>The record to store; null keeps the stored bytes as they are (claim, release, bury, forget of an unreadable one).</summary>
    public JobRecord? Record { get; init; }

    /// <summary>About how many bytes the stored record has, for a store that may read it whole; null: unknown.</summary>
    public int? StoredBytes { get; init; }

    /// <summary>With a From of Running: the token that the claim must carry.</summary>
    public string? Token { get; init; }

    /// <summary>With a To of Running (from elsewhere): the claim to store.</summary>
    public JobClaim? Claim { get; init; }

    /// <summary>With a To of Ready, or of a new job, and a <see cref="Record"/>: true takes <see cref="JobRecord.Position"/> as a new entry at the tail; false keeps the entry the job has (from Ready or Running only).</summary>
    public bool IsAtTail { get; init; }

    /// <summary>With a To of Due: the instant.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>With a To of Ready, Due or Parked: when the job expires there; null: never, or it cannot any more.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>With a To of Parked: the name to park it under.</summary>
    public string? ParkedName { get; init; }

    /// <summary>With a To of Dead or Done: after what time the record goes. Null elsewhere: leaving a final place removes the time to live.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>With a To of Done: whether it is listed among the recent ones (tombstones are not).</summary>
    public bool IsListed { get; init; }

    /// <summary>The unique key concerned, scoped to the job's name; null: none.</summary>
    public UniqueHold? Unique { get; init; }
}

/// <summary>What a step does with a unique key.</summary>
/// <param name="JobName">The key's scope beside the queue.</param>
/// <param name="Key">The caller's key.</param>
/// <param name="Action">Take it (refused as <see cref="StepResult.UniqueHeld"/> when another job holds it) or let it go.</param>
/// <param name="Until">With a release: until when it stays held all the same; null or past: it is free at once. With a take: kept for the release.</param>
internal sealed record UniqueHold(string JobName, string Key, UniqueAction Action, DateTimeOffset? Until);

/// <summary>What a step does with a unique key.</summary>
internal enum UniqueAction
{
    Take = 0,
    Release = 1,
}

/// <summary>The verbs of <c>docs/architecture.md</c>; one transition, one verb.</summary>
internal enum JobVerb
{
    Add = 0,
    Claim = 1,
    Succeed = 2,
    Fail = 3,
    Cancel = 4,
    Expire = 5,
    Retry = 6,
    Snooze = 7,
    Promote = 8,
    Park = 9,
    Unpark = 10,
    Release = 11,
    Rescue = 12,
    Redrive = 13,
    Forget = 14,
    Note = 15,
    Bury = 16,
    AddClaimed = 17,
    Readd = 18,
    Replace = 19,
    EndReplaced = 20,
    Keep = 21,
}

/// <summary>The store's answer to one step.</summary>
/// <param name="Result">Taken, or why not.</param>
/// <param name="Place">Where the job lay before the step.</param>
/// <param name="HolderId">With <see cref="StepResult.UniqueHeld"/>: the last part of the holder's id.</param>
/// <param name="Fingerprint">With <see cref="StepResult.Exists"/>: the fingerprint of the job that is there.</param>
internal readonly record struct StepAnswer(StepResult Result, JobPlace Place = JobPlace.Nowhere, string? HolderId = null, ulong Fingerprint = 0);

/// <summary>How the store took a step. Anything but <see cref="Taken"/> changed nothing.</summary>
internal enum StepResult
{
    /// <summary>The step is durable.</summary>
    Taken = 0,

    /// <summary>An add met a record (or tombstone) under its id.</summary>
    Exists = 1,

    /// <summary>There is no such job.</summary>
    Unknown = 2,

    /// <summary>The job lies in another place than the step starts from.</summary>
    WrongPlace = 3,

    /// <summary>The claim carries another token.</summary>
    Fenced = 4,

    /// <summary>Another job holds the unique key.</summary>
    UniqueHeld = 5,

    /// <summary>The store is full and the step is new work from outside.</summary>
    Full = 6,
}
