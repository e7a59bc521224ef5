using Krewe.Jobs;

namespace Krewe.Storage;

/// <summary>A job as the store holds it.</summary>
/// <param name="Id">The last part of its id.</param>
/// <param name="Place">Where it lies.</param>
/// <param name="Record">Its record; null when the bytes cannot be read.</param>
/// <param name="Claim">With a place of Running: the claim.</param>
/// <param name="Lane">0..9.</param>
/// <param name="Position">Its position while Ready or Running.</param>
/// <param name="Bytes">How many bytes the record has in the store; bounds the owner's window.</param>
/// <param name="Unreadable">Why the record cannot be read; null when it can.</param>
internal sealed record StoredJob(string Id, JobPlace Place, JobRecord? Record, JobClaim? Claim, int Lane, long Position, int Bytes, string? Unreadable = null);

/// <summary>A page of a listing.</summary>
/// <param name="Jobs">At most the asked number; records that are gone by now are left out.</param>
/// <param name="Next">Where the next page begins; null at the end. Opaque to callers.</param>
internal sealed record StorePage(IReadOnlyList<StoredJob> Jobs, string? Next);

/// <summary>The head of a lane, as far as it was read.</summary>
/// <param name="Jobs">In order of position; only jobs that lie in Ready. Entries left over by moves are skipped and removed.</param>
/// <param name="LastPosition">The last position that was looked at; the next read begins after it.</param>
/// <param name="IsEnd">Whether the lane has no entry after it.</param>
internal sealed record LanePage(IReadOnlyList<StoredJob> Jobs, long LastPosition, bool IsEnd);

/// <summary>Jobs that are due or that expire, and when to look again.</summary>
/// <param name="Jobs">In order of instant.</param>
/// <param name="Next">The earliest instant that is left; null: none.</param>
internal sealed record DuePage(IReadOnlyList<StoredJob> Jobs, DateTimeOffset? Next);

/// <summary>How many jobs lie where in one partition.</summary>
internal sealed record PartitionCounts
{
    /// <summary>By lane, 10 numbers. Counts lane entries, running jobs' included; <see cref="Running"/> is to be subtracted from their sum.</summary>
    public required IReadOnlyList<long> LaneEntries { get; init; }

    public long Due { get; init; }

    public long Running { get; init; }

    public long Dead { get; init; }

    /// <summary>Recently finished jobs that are listed.</summary>
    public long Listed { get; init; }

    /// <summary>Parked jobs by name.</summary>
    public required IReadOnlyDictionary<string, long> Parked { get; init; }

    /// <summary>The earliest due or expiry instant; null: none.</summary>
    public DateTimeOffset? NextDueAt { get; init; }

    public DateTimeOffset? NextExpiryAt { get; init; }

    /// <summary>Jobs that wait for a slot.</summary>
    public long Ready => LaneEntries.Sum() - Running;
}
