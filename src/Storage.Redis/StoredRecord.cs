using System.Globalization;
using System.Text;
using Krewe.Jobs;
using ProtoBuf;

namespace Krewe.Storage.Redis;

/// <summary>A record as it was read, with the claim beside it.</summary>
/// <param name="Id">The last part of the job's id.</param>
/// <param name="Bytes">Header and record; null: there is none.</param>
/// <param name="Claim">Copy of the header, fence, claim; null: the job is not running.</param>
internal readonly record struct StoredRecord(string Id, byte[]? Bytes, byte[]? Claim)
{
    private const int FenceDigits = 8;

    internal bool IsGone => Bytes is null && Claim is null;

    internal bool IsRunning => Claim is not null;

    /// <summary>Where the header says the job lies; null when the header cannot be read.</summary>
    internal RecordHeader? Header => RecordHeader.TryRead(Claim ?? Bytes, out var header) ? header : null;

    /// <summary>The job; one whose header cannot be read lies where it was found.</summary>
    internal StoredJob ToJob(JobPlace foundIn, int lane = 0, long position = 0)
    {
        var header = Header;
        var place = IsRunning ? JobPlace.Running : header?.Place ?? foundIn;
        var unreadable = header is null || Bytes is null ? "the header of the record is damaged" : null;
        JobRecord? record = null;
        if (unreadable is null && RecordHeader.TryRead(Bytes, out _))
        {
            JobRecordCodec.TryDecode(Bytes.AsSpan(RecordHeader.Length), out record, out unreadable);
        }
        else
        {
            unreadable ??= "the header of the record is damaged";
        }

        var inLane = (place & (JobPlace.Ready | JobPlace.Running)) != 0;
        return new(Id, place, record, DecodeClaim(), header?.Lane ?? lane, inLane ? header?.Position ?? position : 0, Bytes?.Length ?? 0, unreadable);
    }

    /// <summary>What a running job's claim begins with: the token after its number of bytes, so that no token is the beginning of another.</summary>
    /// <param name="token">Of the claim.</param> <param name="claim">To store after it; null: the fence alone.</param>
    internal static byte[] Fence(string token, JobClaim? claim)
    {
        var length = Encoding.UTF8.GetByteCount(token);
        var bytes = claim is null ? new byte[FenceDigits + length] : JobRecordCodec.Encode(claim, FenceDigits + length);
        length.TryFormat(bytes, out _, "x8", CultureInfo.InvariantCulture);
        Encoding.UTF8.GetBytes(token, bytes.AsSpan(FenceDigits));
        return bytes;
    }

    private JobClaim? DecodeClaim()
    {
        var fence = Claim is { Length: > RecordHeader.Length + FenceDigits } ? Claim.AsSpan(RecordHeader.Length) : [];
        if (!int.TryParse(fence[..Math.Min(FenceDigits, fence.Length)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length)
            || length < 0 || FenceDigits + length > fence.Length)
        {
            return null;
        }

        try
        {
            return JobRecordCodec.DecodeClaim(fence[(FenceDigits + length)..]);
        }
        catch (Exception exception) when (exception is ProtoException or EndOfStreamException or OverflowException or InvalidOperationException)
        {
            return null;
        }
    }
}
