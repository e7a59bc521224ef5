using System.Collections.Concurrent;
using Krewe.Execution;
using Krewe.Queues;

namespace Krewe.Dispatch;

/// <summary>What runs on this silo, known by token: the truth about claims that were handed to this process.</summary>
/// <remarks>
/// <code>
/// Handed ─TryStart─▶ Running ─TryEnd─▶ Ended ─(outcome recorded or fenced)─▶ gone
/// Handed ─TryReturn─▶ Returned ─(outcome recorded or fenced)─▶ gone
/// </code>
/// Each step is a compare-and-swap, so a claim is started at most once and never both started and returned. A token is listed as held until its outcome has been
/// answered; a claim that is not listed was never received, and its owner may offer it again.
/// </remarks>
internal sealed class HeldClaims
{
    private readonly ConcurrentDictionary<string, HeldClaim> _claims = new();
    private int _count;
    private long _unrecordedBytes;

    /// <summary>Claims held, outcomes that wait to be recorded included. Counted beside the table, whose own count takes all its locks.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Bytes of args and results whose outcomes wait to be recorded.</summary>
    public long UnrecordedBytes => Volatile.Read(ref _unrecordedBytes);

    public IEnumerable<HeldClaim> All => _claims.Values;

    /// <summary>Takes a claim in; false when it is held already (it was offered again).</summary>
    public bool TryAdd(HeldClaim claim)
    {
        if (!_claims.TryAdd(claim.Job.Token, claim))
        {
            return false;
        }

        Interlocked.Increment(ref _count);
        return true;
    }

    public bool TryGet(string token, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out HeldClaim? claim) => _claims.TryGetValue(token, out claim);

    /// <summary>A claim has its outcome, which waits to be recorded from now on.</summary>
    public void Completed(HeldClaim claim, AttemptOutcome outcome)
    {
        claim.UnrecordedBytes = claim.Job.Record.Args.Length + (outcome.Result?.Length ?? 0);
        Interlocked.Add(ref _unrecordedBytes, claim.UnrecordedBytes);
    }

    /// <summary>The outcome has been answered.</summary>
    /// <returns>The claim; null when it is not held.</returns>
    public HeldClaim? Remove(string token)
    {
        if (_claims.TryRemove(token, out var claim))
        {
            Interlocked.Decrement(ref _count);
            Interlocked.Add(ref _unrecordedBytes, -claim.UnrecordedBytes);
        }

        return claim;
    }

    /// <summary>The tokens of one partition.</summary>
    public string[] TokensOf(PartitionKey partition) => [.. Of(partition).Select(claim => claim.Job.Token)];

    /// <summary>The claims of one partition.</summary>
    public IEnumerable<HeldClaim> Of(PartitionKey partition) => _claims.Values.Where(claim => claim.Job.Partition == partition);
}

/// <summary>One claim that this process holds.</summary>
internal sealed class HeldClaim(ClaimedJob job, AttemptControl control)
{
    private int _stage;

    public ClaimedJob Job { get; } = job;

    public AttemptControl Control { get; } = control;

    /// <summary>What it keeps in memory until its outcome is recorded; 0 before there is one.</summary>
    public long UnrecordedBytes { get; set; }

    public ClaimStage Stage => (ClaimStage)Volatile.Read(ref _stage);

    public bool TryStart() => Move(ClaimStage.Handed, ClaimStage.Running);

    public bool TryReturn() => Move(ClaimStage.Handed, ClaimStage.Returned);

    public bool TryEnd() => Move(ClaimStage.Running, ClaimStage.Ended);

    private bool Move(ClaimStage from, ClaimStage to) => Interlocked.CompareExchange(ref _stage, (int)to, (int)from) == (int)from;
}

/// <summary>The stages of a held claim.</summary>
internal enum ClaimStage
{
    Handed = 0,
    Running = 1,
    Ended = 2,
    Returned = 3,
}
