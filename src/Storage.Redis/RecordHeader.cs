using System.Buffers.Text;
using System.Globalization;

namespace Krewe.Storage.Redis;

/// <summary>What stands before the bytes of a record, so that scripts can read it. <c>Scripts/commit.lua</c> describes the 36 characters.</summary>
/// <param name="Place">Where the job lies, unless it has a claim.</param>
/// <param name="Lane">0..9.</param>
/// <param name="Mark"><see cref="Expires"/>, <see cref="Listed"/> or <see cref="Plain"/>.</param>
/// <param name="Fingerprint">Of name and args.</param>
/// <param name="Position">In its lane, or among the dead or done jobs.</param>
internal readonly record struct RecordHeader(JobPlace Place, int Lane, char Mark, ulong Fingerprint, long Position)
{
    internal const int Length = 36;
    internal const char Expires = 'e';
    internal const char Listed = 'l';
    internal const char Plain = '-';
    private const byte Version = (byte)'1';
    private const int FingerprintAt = 4;
    private const int PositionAt = 20;

    /// <summary>Writes this header to the first <see cref="Length"/> bytes; the record's follow.</summary>
    internal void WriteTo(Span<byte> bytes)
    {
        bytes[0] = Version;
        bytes[1] = (byte)('@' + (int)Place);
        bytes[2] = (byte)('0' + Lane);
        bytes[3] = (byte)Mark;
        Fingerprint.TryFormat(bytes[FingerprintAt..], out _, "x16", CultureInfo.InvariantCulture);
        Position.TryFormat(bytes[PositionAt..], out _, "D16", CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a header; false when the bytes do not begin with one.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out RecordHeader header)
    {
        header = default;
        if (bytes.Length < Length || bytes[0] != Version
            || !Utf8Parser.TryParse(bytes[FingerprintAt..PositionAt], out ulong fingerprint, out var fingerprintLength, 'x') || fingerprintLength != PositionAt - FingerprintAt
            || !Utf8Parser.TryParse(bytes[PositionAt..Length], out long position, out var positionLength) || positionLength != Length - PositionAt)
        {
            return false;
        }

        header = new((JobPlace)(bytes[1] - '@'), bytes[2] - '0', (char)bytes[3], fingerprint, position);
        return true;
    }
}
